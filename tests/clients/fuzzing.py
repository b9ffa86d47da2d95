"""Runs schemathesis against each document in api/, each on a latchkey of its own, and says what came back.

Arguments name documents (`traffic_ops-v5`); none: all. LATCHKEY names the program. Nothing but loopback is spoken to,
and the same seed sends the same calls. LATCHKEY_FUZZ_SEED and LATCHKEY_FUZZ_EXAMPLES (per operation) look further.
"""

import concurrent.futures
import json
import os
import pathlib
import re
import subprocess
import sys
import time

from latchkey import Latchkey

HERE = pathlib.Path(__file__).resolve().parent
DOCUMENTS = HERE.parents[1] / "api"
SEED = os.environ.get("LATCHKEY_FUZZ_SEED", "20261121")
EXAMPLES = os.environ.get("LATCHKEY_FUZZ_EXAMPLES", "25")
AT_MOST = 600
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"

# Succeed by a key that only a letter has; the tests in tests/it redeem such keys.
BY_LETTER = {"loginWithToken", "validateToken", "validateTokenInPath", "confirmPasswordReset"}
BY_LETTER_IN = {"teen_quotes": {"resetPassword"}}

# Who is in the documents' examples: user name, address and password.
PEOPLE = {
    "traffic_ops": ("ada", "ada@example.com", "an analytical engine"),
    "buddha_jones": ("ada", "abc@gmail.com", "correct horse battery staple"),
    "teen_quotes": ("ada", "ada@example.com", "correct horse battery staple"),
    "timeslot": ("user58", "user58@email.com", "correct horse battery staple"),
}


def fuzz(name):
    """What is wrong with latchkey by this document, and a line that says what was done."""
    document = json.loads((DOCUMENTS / f"{name}.json").read_text())
    dialect = name.split("-")[0]
    # Random requests fail in rows; what the throttle does is told elsewhere.
    with Latchkey(os.environ["LATCHKEY"], throttled=False) as server:
        began = time.monotonic()
        setting = prepared(server, dialect)
        base = f"http://{server.host}:{server.port}{document['servers'][-1]['url']}".rstrip("/")
        run = schemathesis(DOCUMENTS / f"{name}.json", base, server.home, setting)
        log = (server.home / "stderr").read_text()
        tally = pathlib.Path(setting["tally"])
        found = json.loads(tally.read_text()) if tally.exists() else None
    wrong = [] if run.returncode == 0 else [run.stdout]
    if "panicked at" in log:
        wrong.append("latchkey panicked")
    wrong += complaints(document, dialect, found) if found else ["no call was made"]
    return wrong, summary(name, found, time.monotonic() - began)


def prepared(server, dialect):
    """What the hooks are told, and the people and the program that they count on."""
    username, address, password = PEOPLE[dialect]
    server.add_account(username, address, password)
    client = {"client_id": "fuzzer", "client_secret": secret_of(server, "fuzzer")}
    return {
        "origin": f"http://{server.host}:{server.port}", "dialect": dialect, "client": client,
        "username": server.admin.username, "password": server.admin.password,
        "subject_password": PEOPLE["buddha_jones"][2], "tally": str(server.home / "tally.json"),
    }


def secret_of(server, name):
    """Makes a program known and reads the secret that is printed once."""
    said = server.command("client", "add", name).stdout
    return re.search(r"\b[A-Za-z0-9_-]{32,}\b", said).group(0)


def schemathesis(document, base, folder, setting):
    command = [str(pathlib.Path(sys.executable).with_name("schemathesis")), "run", str(document), "--url", base]
    command += ["--checks", CHECKS, "--phases", "examples,coverage,fuzzing", "--continue-on-failure"]
    command += ["--max-examples", EXAMPLES, "--seed", SEED, "--workers", "1", "--generation-database", "none"]
    command += ["--suppress-health-check", "all", "--warnings", "off", "--no-color", "--request-timeout", "30"]
    # The hooks sign in.
    command += ["--generation-with-security-parameters", "false"]
    environment = os.environ | {
        "SCHEMATHESIS_HOOKS": "fuzz_hooks", "PYTHONPATH": str(HERE), "FUZZ_SETTING": json.dumps(setting),
    }
    # In the throw-away folder, so that what schemathesis remembers goes with it.
    return subprocess.run(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        timeout=AT_MOST,
    )


def complaints(document, dialect, found):
    """What makes a clean run worthless."""
    operations = {operation["operationId"] for path in document["paths"].values() for operation in path.values()}
    for operation in sorted(operations - BY_LETTER - BY_LETTER_IN.get(dialect, set())):
        reached = found["statuses"].get(operation, {})
        if not any(status.startswith("2") for status in reached):
            yield f"{operation} never succeeded: {reached}"
    if found["ended"]:
        yield f"sessions ended before their time, seen by {sorted(set(found['ended']))}"


def summary(name, found, seconds):
    if not found:
        return f"{name}: nothing"
    counted = {}
    for reached in found["statuses"].values():
        for status, times in reached.items():
            counted[status] = counted.get(status, 0) + times
    shown = ", ".join(f"{times} x {status}" for status, times in sorted(counted.items()))
    calls, operations = sum(counted.values()), len(found["statuses"])
    return f"{name}: {operations} operations, {calls} calls ({found['signed']} signed in) in {seconds:.0f} s: {shown}"


def main():
    names = sys.argv[1:] or sorted(file.stem for file in DOCUMENTS.glob("*.json"))
    print(f"schemathesis, seed {SEED}, {EXAMPLES} examples an operation", flush=True)
    is_sound = True
    with concurrent.futures.ThreadPoolExecutor(max_workers=2) as pool:
        for name, (wrong, said) in zip(names, pool.map(fuzz, names)):
            print(said, flush=True)
            for text in wrong:
                is_sound = False
                print(f"FAILED {name}: {text}", flush=True)
    sys.exit(0 if is_sound else 1)


if __name__ == "__main__":
    main()
