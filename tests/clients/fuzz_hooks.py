"""What schemathesis does around each call: it signs in, aims at something that is there, and keeps count.

No operation is left out. Some calls would take away what the others need; they are made by, or against, an account
that was made for that one call:
  user/logout, GET /logout, users/signout    they end the session that the call carries;
  PUT user/current                           it may change the password, the name and the role of who calls;
  POST /user, PUT /v1/users/password         they change the caller's password and end its tokens;
  PUT users/{id} with the caller's own id    it may give away the caller's own permissions.
Removing oneself, the role `admin` and the tenant `root` need no such care: latchkey refuses.
"""

import atexit
import collections
import itertools
import json
import os

import requests
import schemathesis
from schemathesis.core.failures import MalformedJson, ServerError
from schemathesis.generation.modes import GenerationMode

SETTING = json.loads(os.environ["FUZZ_SETTING"])
ORIGIN, DIALECT = SETTING["origin"], SETTING["dialect"]
PASSWORD = SETTING["subject_password"]
NUMBERS, AIMED, CALLS = itertools.count(1), itertools.count(), itertools.count()

ENDS_ITS_SESSION = {"logout", "signOut", "updateCurrentUser", "changeOwnPassword", "updatePassword"}
# Where an operation names what it changes.
TARGETS = {
    "updateUser": "users", "deleteUser": "users",
    "updateTenant": "tenants", "deleteTenant": "tenants",
    "updateRole": "roles", "deleteRole": "roles",
}

# One call in ten carries a credential that is no good, or none.
STRANGERS = itertools.cycle([
    ({}, {}),
    ({}, {"mojolicious": "x"}),
    ({}, {"mojolicious": "eyJhdXRoX2RhdGEiOiJhZG1pbiJ9--0123456789abcdef0123456789abcdef01234567"}),
    ({}, {"access_token": "eyJhbGciOiJub25lIn0.eyJtb2pvQ29va2llIjoieCJ9."}),
    ({"Authorization": "Bearer"}, {}),
    ({"Authorization": "Bearer a.b.c"}, {}),
    ({"Authorization": "Basic YWRtaW46YWRtaW4="}, {}),
    ({"Authorization": 'Token token="'}, {}),
])

statuses = collections.defaultdict(collections.Counter)
ended = []
signed = set()


def asked(path, body, **kwargs):
    """What the server says to a request of these hooks' own, which must succeed."""
    response = requests.post(ORIGIN + path, json=body, timeout=30, **kwargs)
    assert response.ok, f"{path}: {response.status_code} {response.text}"
    return response


def session(username, password):
    return {"mojolicious": asked("/api/5.0/user/login", {"u": username, "p": password}).cookies["mojolicious"]}


ADMIN = session(SETTING["username"], SETTING["password"])
OWN_ID = requests.get(ORIGIN + "/api/5.0/user/current", cookies=ADMIN, timeout=30).json()["response"]["id"]


def made(kind, **body):
    return asked(f"/api/5.0/{kind}", body, cookies=ADMIN).json()["response"]


def user(**changes):
    name = f"subject{next(NUMBERS):04}"
    body = {"username": name, "email": f"{name}@example.test", "fullName": name, "role": "read-only", "tenantId": 1}
    return made("users", **body | {"localPasswd": PASSWORD} | changes)


def tenant():
    return made("tenants", name=f"subject{next(NUMBERS):04}", active=True, parentId=1)


def role(wanted):
    made_role = made("roles", name=f"subject{next(NUMBERS):04}", description="A subject", permissions=["USER:READ"])
    if wanted == "name":
        return made_role["name"]
    listed = requests.get(ORIGIN + "/api/3.1/roles", cookies=ADMIN, timeout=30).json()["response"]
    return next(shown["id"] for shown in listed if shown["name"] == made_role["name"])


def credentials(operation, caller):
    """Headers and cookies of somebody who may make this call: of the caller, if there is one."""
    if DIALECT == "traffic_ops":
        return {}, ADMIN if caller is None else session(caller["username"], PASSWORD)
    if DIALECT == "teen_quotes":
        form = {"grant_type": "client_credentials"}
        if caller is not None:
            form = {"grant_type": "password", "username": caller["username"], "password": PASSWORD}
        return {"Authorization": "Bearer " + granted(**form)}, {}
    if DIALECT == "buddha_jones":
        form = {"username": caller["username"], "password": PASSWORD}
        return {"Authorization": "Bearer " + asked("/login", form).json()["data"]["token"]}, {}
    form = {"email": caller["email"], "password": PASSWORD}
    return {"Authorization": "Token token=" + asked("/v1/users/signin", form).json()["authToken"]}, {}


def granted(**form):
    return asked("/oauth", form | SETTING["client"]).json()["access_token"]


def aimed(case, operation):
    """Every second sound call, and each at the caller itself, goes to something that was made for it."""
    place = case.query if operation.endswith("Role") else case.path_parameters
    key = next((key for key in ("id", "name") if key in place), None)
    if key is None:
        return
    is_sound = case.meta is not None and case.meta.generation.mode == GenerationMode.POSITIVE
    is_own = operation == "updateUser" and str(place[key]).strip("+ ").lstrip("0") == str(OWN_ID)
    if not is_own and not (is_sound and next(AIMED) % 2 == 0):
        return
    kind = TARGETS[operation]
    place[key] = {"users": user, "tenants": tenant}[kind]()["id"] if kind != "roles" else role(key)


def introduced(case, caller):
    """A caller who sends the documents' example sends it about itself."""
    if isinstance(case.body, dict) and case.body.get("username") == "ada":
        case.body = case.body | {key: caller[key] for key in ("username", "email")}


@schemathesis.hook
def before_call(context, case, kwargs):
    definition = case.operation.definition.raw
    operation = definition["operationId"]
    if operation in TARGETS:
        aimed(case, operation)
    if operation == "grantToken" and isinstance(case.body, dict) and "client_secret" in case.body:
        # The documents' program is one that this server does not know.
        case.body = case.body | SETTING["client"]
    if not definition.get("security"):
        return
    if next(CALLS) % 10 == 9:
        headers, cookies = next(STRANGERS)
    else:
        caller = user() if operation in ENDS_ITS_SESSION else None
        headers, cookies = credentials(operation, caller)
        signed.add(case.id)
        if operation == "updateCurrentUser":
            introduced(case, caller)
    case.headers.update(headers)
    case.cookies.update(cookies)


@schemathesis.hook
def filter_failure(context, failure, case, response):
    """Lets pass what the documents promise and schemathesis takes for a failure all the same: a 501 that is listed, and
    bytes that are to the letter as documented, though the content type says JSON and they are none."""
    document, promised = case.operation.schema.raw_schema, case.operation.definition.raw["responses"]
    if isinstance(failure, ServerError):
        return not (response.status_code == 501 and "501" in promised)
    if isinstance(failure, MalformedJson):
        content = resolved(document, promised[str(response.status_code)])["content"]
        schemas = [resolved(document, media["schema"]) for media in content.values()]
        return not any(schema.get("x-verbatim") and schema.get("const") == response.text for schema in schemas)
    return True


def resolved(document, node):
    """What a reference into the document leads to."""
    while "$ref" in node:
        path, node = node["$ref"], document
        for name in path.removeprefix("#/").split("/"):
            node = node[name]
    return node


@schemathesis.hook
def after_call(context, case, response):
    operation = case.operation.definition.raw["operationId"]
    statuses[operation][response.status_code] += 1
    if response.status_code == 401 and case.id in signed:
        ended.append(operation)


@atexit.register
def keep():
    with open(SETTING["tally"], "w") as file:
        json.dump({"statuses": statuses, "signed": len(signed), "ended": ended}, file)
