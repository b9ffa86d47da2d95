"""A latchkey on a free port, with a data folder that goes when it does."""

import dataclasses
import email
import email.policy
import os
import pathlib
import re
import subprocess
import tempfile
import time

PATIENCE = 60
STARTED = re.compile(r"latchkey listens on 127\.0\.0\.1:(\d+)")


@dataclasses.dataclass
class Account:
    username: str
    email: str
    password: str


class Latchkey:
    """Runs the program while the `with` block lasts."""

    admin = Account("admin", "admin@example.test", "a first password for the administrator")

    def __init__(self, program, throttled=True):
        self.throttled = throttled
        self.program = str(pathlib.Path(program).resolve())
        self.host = "127.0.0.1"
        self.port = None

    def __enter__(self):
        self._folder = tempfile.TemporaryDirectory(prefix="latchkey-clients-")
        self.home = pathlib.Path(self._folder.name)
        # Root's latchkey runs PostgreSQL as somebody else, who has to get in.
        self.home.chmod(0o755)
        command = [self.program, "--data", "var", "--listen", f"{self.host}:0"]
        with open(self.home / "stdout", "wb") as out, open(self.home / "stderr", "wb") as err:
            self._process = subprocess.Popen(
                command, cwd=self.home, env=self._environment(), stdin=subprocess.DEVNULL, stdout=out, stderr=err
            )
        try:
            self.port = int(eventually("latchkey listens", self._look_for_the_port))
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self._process.terminate()
        try:
            self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._folder.cleanup()

    def _environment(self):
        kept = {name: value for name, value in os.environ.items() if not name.startswith("LATCHKEY")}
        return kept | {
            "LATCHKEY_ADMIN_PASSWORD": self.admin.password,
            "LATCHKEY_ADMIN_EMAIL": self.admin.email,
            # Cheap hashes: what they cost is not what is tested here.
            "LATCHKEY_PASSWORD__COST": "4",
            "LATCHKEY_THROTTLE__ENABLED": str(self.throttled).lower(),
        }

    def _look_for_the_port(self):
        if self._process.poll() is not None:
            raise AssertionError("latchkey did not start: " + (self.home / "stderr").read_text())
        found = STARTED.search((self.home / "stdout").read_text())
        return found and found.group(1)

    def add_account(self, username, address=None, password=None):
        """Makes an account beside the running server, by the command that operators use."""
        address = address or f"{username}@example.test"
        account = Account(username, address, password or f"the first password of {username}")
        described = ["--email", account.email, "--full-name", f"{username} of the tests", "--password-stdin"]
        self.command("user", "add", username, *described, typed=account.password)
        return account

    def command(self, *arguments, typed=None):
        """One of the operators' commands, which must succeed."""
        return subprocess.run(
            [self.program, "--data", "var", *arguments], cwd=self.home, env=self._environment(), input=typed,
            text=True, check=True, capture_output=True, timeout=PATIENCE,
        )

    def letter_to(self, address, subject):
        """The text of the one letter to that address with that subject, as soon as it is there."""
        letters = eventually(f"a letter to {address}", lambda: self._letters_to(address, subject))
        assert len(letters) == 1
        return letters[0].get_body(("plain",)).get_content()

    def _letters_to(self, address, subject):
        files = sorted((self.home / "var" / "mail").glob("*.eml"))
        letters = [email.message_from_bytes(file.read_bytes(), policy=email.policy.default) for file in files]
        return [letter for letter in letters if letter["To"] == address and subject in letter["Subject"]]


def eventually(what, look):
    """What `look` returns, as soon as that is something."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        found = look()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError(f"{what}: not within {PATIENCE} s")
