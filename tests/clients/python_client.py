"""The Python client of Apache Traffic Control, as published: what its tests have in common."""

import inspect

import pytest
from trafficops import OperationError, TOSession


def versions_spoken_by(method):
    """What the client itself says: asked for another version, the method refuses before it sends anything."""
    return inspect.getclosurevars(method).nonlocals["supported_versions"]


READS = versions_spoken_by(TOSession.get_authenticated_user)
CHANGES = versions_spoken_by(TOSession.replace_authenticated_user)

every_version = pytest.mark.parametrize("version", READS)

SIGN_IN_FIRST = (401, "unauthorized, please log in.")


def open_session(server, version):
    return TOSession(server.host, host_port=server.port, api_version=version, ssl=False)


def signed_in(server, account, version):
    session = open_session(server, version)
    session.login(account.username, account.password)
    return session


def as_sent(version, user):
    """3.x wants the user in a wrapper."""
    return {"user": user} if version.startswith("3.") else user


def refusal(call, *args, **kwargs):
    """Status and first sentence of an answer that the client raises as an error."""
    with pytest.raises(OperationError) as raised:
        call(*args, **kwargs)
    status, level, text = sentence(raised.value.resp)
    assert level == "error"
    return status, text


def sentence(response):
    alert = response.json()["alerts"][0]
    return response.status_code, alert["level"], alert["text"]
