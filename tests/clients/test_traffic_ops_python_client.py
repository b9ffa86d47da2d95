"""The Python client of Apache Traffic Control, as published, in every version of the API that it speaks.

Here: the session and the current user. Where the client has no method, its users call its `post` and `get`.
"""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from trafficops import OperationError, TOSession

from python_client import (
    CHANGES, READS, SIGN_IN_FIRST, as_sent, every_version, open_session, refusal, sentence, signed_in,
)


def test_the_client_speaks_these_versions():
    assert READS == CHANGES == ("3.0", "4.0", "4.1", "5.0")


@every_version
def test_it_signs_in_and_reads_the_current_user(server, account, version):
    session = signed_in(server, account, version)
    assert session.logged_in
    assert {cookie.name for cookie in session.session.cookies} == {"mojolicious", "access_token"}
    user, response = session.get_authenticated_user()
    assert response.status_code == 200
    assert (user.username, user.email) == (account.username, account.email)
    assert user.fullName == f"{account.username} of the tests"
    assert user.tenant == "root"
    if version == "3.0":
        assert (user.roleName, type(user.role)) == ("read-only", int)
        assert user.localUser is True
    else:
        assert user.role == "read-only"
        assert user.lastAuthenticated is not None
    assert "localPasswd" not in user


def test_it_speaks_4_1_when_nobody_says_otherwise(server, account):
    session = TOSession(server.host, host_port=server.port, ssl=False)
    session.login(account.username, account.password)
    assert session.base_url.endswith("/api/4.1/")
    assert session.get_authenticated_user()[0].username == account.username


@every_version
def test_a_wrong_password_opens_no_session(server, account, version):
    session = open_session(server, version)
    with pytest.raises(OperationError) as raised:
        session.login(account.username, "not the password")
    cause = raised.value.__cause__.resp
    assert sentence(cause) == (401, "error", "Invalid username or password.")
    assert not session.logged_in and not session.is_open


@every_version
def test_without_signing_in_it_reads_nothing(server, version):
    session = open_session(server, version)
    session.create()
    assert refusal(session.get_authenticated_user) == SIGN_IN_FIRST


@every_version
def test_it_changes_the_current_user_and_reads_the_change_back(server, account, version):
    session = signed_in(server, account, version)
    user, _ = session.get_authenticated_user()
    user.fullName, user.city, user.phoneNumber = "Zoë Ünal", "Köln", "+49 221 1"
    user.email = f"new-{account.email}"
    changed, response = session.replace_authenticated_user(data=as_sent(version, user))
    assert sentence(response) == (200, "success", "User profile was successfully updated")
    again, _ = session.get_authenticated_user()
    for shown in (changed, again):
        assert (shown.fullName, shown.city, shown.phoneNumber) == ("Zoë Ünal", "Köln", "+49 221 1")
        assert (shown.email, shown.username, shown.role) == (user.email, user.username, user.role)


@every_version
def test_a_change_that_is_refused_changes_nothing(server, account, version):
    session = signed_in(server, account, version)
    before, _ = session.get_authenticated_user()
    wrong = before.copy()
    wrong.city, wrong.email = "Nowhere", "no address"
    status, text = refusal(session.replace_authenticated_user, data=as_sent(version, wrong))
    assert (status, "must be a valid email address" in text) == (400, True)
    assert session.get_authenticated_user()[0] == before


@every_version
def test_a_changed_password_is_the_one_to_sign_in_with(server, account, version):
    session, other = signed_in(server, account, version), signed_in(server, account, version)
    user, _ = session.get_authenticated_user()
    user.localPasswd = user.confirmLocalPasswd = "another password altogether"
    session.replace_authenticated_user(data=as_sent(version, user))
    assert session.get_authenticated_user()[0].username == account.username
    status, _ = refusal(other.get_authenticated_user)
    assert status == 401, "the account's other sessions have ended"
    with pytest.raises(OperationError):
        open_session(server, version).login(account.username, account.password)
    account.password = user.localPasswd
    assert signed_in(server, account, version).logged_in


@every_version
def test_it_logs_out_and_the_session_is_over(server, account, version):
    session = signed_in(server, account, version)
    kept = dict(session.session.cookies)
    _, response = session.post("user/logout")
    assert sentence(response) == (200, "success", "You are logged out.")
    assert refusal(session.get_authenticated_user) == SIGN_IN_FIRST
    session.session.cookies.update(kept)
    status, _ = refusal(session.get_authenticated_user)
    assert status == 401, "also for whoever kept the cookies"


@every_version
def test_a_forgotten_password_is_replaced_by_way_of_the_letter(server, account, version):
    session = open_session(server, version)
    session.create()
    _, response = session.post("user/reset_password", data={"email": account.email})
    assert sentence(response)[:2] == (200, "success")
    letter = server.letter_to(account.email, "Password Reset")
    key = re.search(r"token=([A-Za-z0-9]{30})\b", letter).group(1)
    _, response = session.post("user/login/token", data={"t": key})
    assert sentence(response) == (200, "success", "Successfully logged in.")
    user, _ = session.get_authenticated_user()
    user.localPasswd = user.confirmLocalPasswd = account.password = "found again by a letter"
    session.replace_authenticated_user(data=as_sent(version, user))
    assert signed_in(server, account, version).logged_in
    status, _ = refusal(session.post, "user/login/token", data={"t": key})
    assert status == 401, "a key works once"


def test_in_version_3_1_its_general_verbs_do_the_same(server, account):
    """No method of the client takes 3.1, but the server speaks it, and `get`, `put` and `post` take any version."""
    session = signed_in(server, account, "3.1")
    user, _ = session.get("user/current")
    assert (user.username, user.roleName) == (account.username, "read-only")
    user.company = "Example"
    _, response = session.put("user/current", data=as_sent("3.1", user))
    assert response.status_code == 200
    assert session.get("user/current")[0].company == "Example"
    session.post("user/logout")
    assert refusal(session.get, "user/current") == SIGN_IN_FIRST


def test_a_version_that_nobody_speaks_is_refused_in_words_that_the_client_can_read(server, account):
    with pytest.raises(OperationError) as raised:
        open_session(server, "9.0").login(account.username, account.password)
    status, level, text = sentence(raised.value.__cause__.resp)
    assert (status, level) == (501, "error")
    assert text.startswith("The requested api version is not implemented by this server.")


def command(server, account, name, *arguments):
    """One of the programs that come with the client: signs in, then sends one request."""
    program = Path(sys.executable).with_name(name)
    access = ["--to-url", f"http://{server.host}:{server.port}", "--to-user", account.username]
    access += ["--to-password", account.password]
    return subprocess.run([program, *access, *arguments], capture_output=True, text=True, timeout=60)


@every_version
def test_its_programs_read_and_change_the_current_user(server, account, version):
    shown = command(server, account, "toget", "-a", version, "user/current")
    assert (shown.returncode, shown.stderr) == (0, "")
    user = json.loads(shown.stdout)["response"]
    assert user["username"] == account.username
    user["company"] = "Example"
    body = json.dumps(as_sent(version, user))
    changed = command(server, account, "toput", "-a", version, "user/current", body)
    assert changed.returncode == 0, changed.stdout
    assert json.loads(changed.stdout)["response"]["company"] == "Example"
    ended = command(server, account, "topost", "-a", version, "user/logout")
    assert (ended.returncode, "You are logged out." in ended.stdout) == (0, True)


@every_version
def test_its_programs_tell_a_refusal_by_their_exit_code(server, account, version):
    refused = command(server, account, "toput", "-a", version, "user/current", "{")
    assert refused.returncode == 4, "400 divided by 100"
    assert json.loads(refused.stdout)["alerts"][0]["level"] == "error"
    account.password = "not the password"
    turned_away = command(server, account, "toget", "-a", version, "user/current")
    assert (turned_away.returncode, turned_away.stdout) == (1, "")
    assert "Invalid username or password." in turned_away.stderr
