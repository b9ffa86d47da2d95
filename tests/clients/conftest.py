"""One latchkey for all tests of this run, and an account for each test."""

import itertools
import os
import signal

import pytest

from latchkey import Latchkey


def pytest_configure():
    # As at Ctrl-C: what was started is stopped before the run ends.
    signal.signal(signal.SIGTERM, signal.default_int_handler)


@pytest.fixture(scope="session")
def server():
    with Latchkey(os.environ["LATCHKEY"]) as latchkey:
        yield latchkey


NUMBERS = itertools.count(1)


@pytest.fixture
def account(server):
    """An account that no other test has."""
    return server.add_account(f"user{next(NUMBERS):03}")
