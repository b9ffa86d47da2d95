"""The same client on other people's accounts, roles and tenants, in every version of the API that it speaks.

Where it has no method (removing users and tenants, redeeming an invitation), its general verbs do it.
"""

import itertools
import re
from types import SimpleNamespace

import pytest
from trafficops import OperationError, TOSession

from latchkey import Account
from python_client import (
    READS, SIGN_IN_FIRST, as_sent, every_version, open_session, refusal, sentence, signed_in, versions_spoken_by,
)

NUMBERS = itertools.count(1)


@pytest.fixture
def fresh():
    """A name that nobody and nothing else in this run has."""
    return f"fresh{next(NUMBERS):03}"


@pytest.fixture
def admin(server, version):
    """The administrator's session in the version of the test."""
    return signed_in(server, server.admin, version)


@pytest.fixture
def rules(version):
    """What the version calls its things: 3.x counts roles and answers 200 where others answer 201."""
    if version.startswith("3."):
        return SimpleNamespace(made=200, permissions="capabilities", level={"privLevel": 10}, role_key="id")
    return SimpleNamespace(made=201, permissions="permissions", level={}, role_key="name")


def the_only(listed):
    assert len(listed) == 1, listed
    return listed[0]


def role_called(session, name):
    """How a user of this version refers to a role: by its number or its name."""
    role = the_only([role for role in session.get_roles()[0] if role.name == name])
    return role.id if session.api_version.startswith("3.") else role.name


def newcomer(session, name, role="read-only"):
    """A user as a client describes one."""
    return {
        "username": name, "email": f"{name}@example.test", "fullName": f"{name} of the tests", "tenantId": 1,
        "role": role_called(session, role), "localPasswd": f"the first password of {name}",
    }


def make_user(session, name, **changes):
    return session.create_user(data=newcomer(session, name) | changes)


def test_each_method_of_the_client_speaks_the_same_versions():
    names = "get_users get_user_by_id create_user update_user_by_id create_user_with_registration "
    names += "get_roles create_role update_role delete_role get_tenants create_tenant update_tenant"
    for name in names.split():
        assert versions_spoken_by(getattr(TOSession, name)) == READS, name


@every_version
def test_a_user_is_made_and_signs_in(server, admin, version, rules, fresh):
    made, response = make_user(admin, fresh, city="Köln")
    assert sentence(response) == (rules.made, "success", "user was created.")
    account = Account(fresh, made.email, f"the first password of {fresh}")
    own, _ = signed_in(server, account, version).get_authenticated_user()
    assert (own.id, own.username, own.city, own.role) == (made.id, fresh, "Köln", made.role)
    assert "localPasswd" not in made


@every_version
def test_users_are_listed_and_looked_up(admin, fresh, version):
    made, _ = make_user(admin, fresh)
    everybody, _ = admin.get_users()
    assert {"admin", fresh} <= {user.username for user in everybody}
    by_name, _ = admin.get_users(query_params={"username": fresh})
    by_number, _ = admin.get_user_by_id(user_id=made.id)
    assert the_only(by_name) == the_only(by_number)
    assert the_only(by_name).email == made.email
    page, _ = admin.get_users(query_params={"orderby": "id", "sortOrder": "desc", "limit": 1})
    assert the_only(page).username == fresh


@every_version
def test_a_user_is_changed_and_the_change_read_back(admin, fresh, version):
    made, _ = make_user(admin, fresh)
    user = the_only(admin.get_user_by_id(user_id=made.id)[0])
    user.fullName, user.company = "Zoë Ünal", "Example"
    user.role = role_called(admin, "operations")
    changed, response = admin.update_user_by_id(user_id=made.id, data=user)
    assert sentence(response) == (200, "success", "user was updated.")
    again = the_only(admin.get_user_by_id(user_id=made.id)[0])
    for shown in (changed, again):
        assert (shown.fullName, shown.company, shown.role) == ("Zoë Ünal", "Example", user.role)
        assert (shown.username, shown.email) == (fresh, made.email)


@every_version
def test_a_password_that_the_administrator_sets_ends_the_user_s_sessions(server, admin, fresh, version):
    made, _ = make_user(admin, fresh)
    account = Account(fresh, made.email, f"the first password of {fresh}")
    session = signed_in(server, account, version)
    data = newcomer(admin, fresh) | {"localPasswd": "another password altogether"}
    admin.update_user_by_id(user_id=made.id, data=data)
    assert refusal(session.get_authenticated_user)[0] == 401
    account.password = data["localPasswd"]
    assert signed_in(server, account, version).logged_in


@every_version
def test_a_name_that_is_taken_makes_no_second_user(admin, fresh, version):
    make_user(admin, fresh)
    status, text = refusal(make_user, admin, fresh, email=f"other-{fresh}@example.test")
    assert (status, fresh in text, "exist" in text) == (400, True, True), text
    assert the_only(admin.get_users(query_params={"username": fresh})[0]).email == f"{fresh}@example.test"


@every_version
def test_who_may_only_read_changes_nobody(server, account, admin, fresh, version):
    reader = signed_in(server, account, version)
    assert account.username in {user.username for user in reader.get_users()[0]}
    assert refusal(make_user, reader, fresh)[0] == 403
    victim = the_only(admin.get_users(query_params={"username": "admin"})[0])
    assert refusal(reader.update_user_by_id, user_id=victim.id, data=newcomer(reader, fresh))[0] == 403
    assert refusal(reader.create_role, data={"name": fresh, "description": "x"})[0] == 403
    assert refusal(reader.create_tenant, data={"name": fresh, "active": True, "parentId": 1})[0] == 403


def test_a_user_is_removed_in_version_5(server, fresh):
    admin = signed_in(server, server.admin, "5.0")
    made, _ = make_user(admin, fresh)
    session = signed_in(server, Account(fresh, made.email, f"the first password of {fresh}"), "5.0")
    _, response = admin.delete("users/{user_id:d}", user_id=made.id)
    assert sentence(response)[:2] == (200, "success")
    assert refusal(session.get_authenticated_user)[0] == 401
    assert admin.get_users(query_params={"username": fresh})[0] == []


@every_version
def test_a_role_is_made_given_changed_and_removed(server, admin, fresh, version, rules):
    described = {"name": fresh, "description": "Keeps the books", rules.permissions: ["USER:READ"], **rules.level}
    _, response = admin.create_role(data=described)
    assert sentence(response) == (rules.made, "success", "role was created.")
    shown = the_only([role for role in admin.get_roles()[0] if role.name == fresh])
    assert (shown.description, shown[rules.permissions]) == ("Keeps the books", ["USER:READ"])

    user, _ = make_user(admin, fresh, role=role_called(admin, fresh))
    account = Account(fresh, user.email, f"the first password of {fresh}")
    clerk = signed_in(server, account, version)
    assert clerk.get_users()[1].status_code == 200
    assert refusal(clerk.get_tenants)[0] == 403, "what the role does not permit"

    place = {rules.role_key: shown[rules.role_key]}
    assert refusal(admin.delete_role, query_params=place)[0] == 400, "while somebody has it"
    described |= {"description": "Reads tenants", rules.permissions: ["TENANT:READ"]}
    _, response = admin.update_role(query_params=place, data=described)
    assert sentence(response) == (200, "success", "role was updated.")
    clerk = signed_in(server, account, version)
    assert clerk.get_tenants()[1].status_code == 200
    assert refusal(clerk.get_users)[0] == 403

    admin.update_user_by_id(user_id=user.id, data=newcomer(admin, fresh))
    _, response = admin.delete_role(query_params=place)
    assert sentence(response) == (200, "success", "role was deleted.")
    assert fresh not in {role.name for role in admin.get_roles()[0]}


@every_version
def test_a_tenant_is_made_changed_and_removed(admin, fresh, version):
    made, response = admin.create_tenant(data={"name": fresh, "active": True, "parentId": 1})
    assert sentence(response)[1:] == ("success", "tenant was created.")
    listed = the_only(admin.get_tenants(query_params={"name": fresh})[0])
    assert (listed.id, listed.active, listed.parentName) == (made.id, True, "root")
    listed.name, listed.active = f"{fresh}-asleep", False
    changed, response = admin.update_tenant(tenant_id=made.id, data=listed)
    assert sentence(response) == (200, "success", "tenant was updated.")
    assert (changed.name, changed.active) == (f"{fresh}-asleep", False)
    _, response = admin.delete("tenants/{tenant_id:d}", tenant_id=made.id)
    assert sentence(response) == (200, "success", "tenant was deleted.")
    assert admin.get_tenants(query_params={"name": f"{fresh}-asleep"})[0] == []


@every_version
def test_people_of_a_tenant_see_no_other_and_cannot_sign_in_while_it_sleeps(server, admin, fresh, version):
    tenant, _ = admin.create_tenant(data={"name": fresh, "active": True, "parentId": 1})
    made, _ = make_user(admin, fresh, tenantId=tenant.id)
    account = Account(fresh, made.email, f"the first password of {fresh}")
    session = signed_in(server, account, version)
    assert [seen.name for seen in session.get_tenants()[0]] == [fresh]
    assert [seen.username for seen in session.get_users()[0]] == [fresh]
    admin.update_tenant(tenant_id=tenant.id, data={"name": fresh, "active": False, "parentId": 1})
    with pytest.raises(OperationError):
        signed_in(server, account, version)


@every_version
def test_an_invited_user_finishes_with_the_key_of_the_letter(server, admin, fresh, version):
    address = f"{fresh}@example.test"
    data = {"email": address, "role": role_called(admin, "portal"), "tenantId": 1}
    _, response = admin.create_user_with_registration(data=data)
    wanted = f"Sent user registration to {address} with the following permissions [ role: portal | tenant: root ]"
    assert sentence(response) == (200, "success", wanted)
    letter = server.letter_to(address, "Registration")
    key = re.search(r"token=([A-Za-z0-9]{30})\b", letter).group(1)

    invited = open_session(server, version)
    invited.create()
    _, response = invited.post("user/login/token", data={"t": key})
    assert sentence(response) == (200, "success", "Successfully logged in.")
    user, _ = invited.get_authenticated_user()
    assert (user.newUser, user.email) == (True, address)
    user.username, user.fullName = fresh, "Zoë Ünal"
    user.localPasswd = user.confirmLocalPasswd = "chosen by myself"
    _, response = invited.replace_authenticated_user(data=as_sent(version, user))
    assert sentence(response) == (200, "success", "User profile was successfully updated")

    session = signed_in(server, Account(fresh, address, "chosen by myself"), version)
    own, _ = session.get_authenticated_user()
    assert (own.username, own.fullName, own.newUser) == (fresh, "Zoë Ünal", False)
    assert refusal(invited.post, "user/login/token", data={"t": key})[0] == 401, "a key works once"
    assert refusal(admin.create_user_with_registration, data=data)[0] == 409, "nobody is invited twice"
    session.post("user/logout")
    assert refusal(session.get_authenticated_user) == SIGN_IN_FIRST


def test_version_3_still_answers_for_capabilities(server):
    admin = signed_in(server, server.admin, "3.0")
    for method in (admin.get_capabilities, admin.get_api_capabilities):
        listed, response = method()
        assert (listed, sentence(response)[:2]) == ([], (200, "warning"))
