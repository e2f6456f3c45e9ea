#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Makes the certificates of this folder anew, with openssl.

Each differs from a good one in a single thing, so that a test that it is
refused can only pass for that. Keys are those of the folder, made if missing.
"""
import pathlib
import secrets
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).parent

FROM, TO = "20240101000000Z", "20440101000000Z"
CA = "basicConstraints=critical,CA:TRUE"
SIGN = "keyUsage=critical,keyCertSign"
DEVICE = "keyUsage=critical,digitalSignature"
UNKNOWN = "1.2.3.4=critical,ASN1:UTF8String:foyer"
EXCLUDED = "nameConstraints=excluded;dirName:tree\n[tree]\nO=Foyer Tests"
PERMITTED = "nameConstraints=permitted;dirName:tree\n[tree]\nO=FOYER Tests"
ELSEWHERE = "nameConstraints=permitted;dirName:tree\n[tree]\nO=Elsewhere"

# name: (subject's CN, or all of it, key, issuer, hash, from, to, extensions)
CERTIFICATES = {
    "root": ("Test Root", "root", None, "sha256", FROM, TO, [CA, SIGN]),
    "root_other": ("Test Root", "other", None, "sha256", FROM, TO, [CA, SIGN]),
    "root_no_sign": (
        "Test Root", "root", None, "sha256", FROM, TO,
        [CA, "keyUsage=critical,cRLSign"]),
    "root_not_ca": ("Test Root", "root", None, "sha256", FROM, TO, [DEVICE]),
    "root_future": (
        "Test Root", "root", None, "sha256", "20300101000000Z", TO,
        [CA, SIGN]),
    "root_path_0": (
        "Test Root", "root", None, "sha256", FROM, TO,
        [CA + ",pathlen:0", SIGN]),
}


def add(name, subject, key, issuer, extensions, *, md="sha256", start=FROM,
        end=TO):
    CERTIFICATES[name] = (subject, key, issuer, md, start, end, extensions)


def add_intermediate(name, extensions=(CA, SIGN), key="intermediate", **more):
    add(name, "Test Intermediate", key, "root", list(extensions), **more)


def add_device(name, extensions=(DEVICE,), key="device",
               issuer="intermediate", **more):
    add(name, "Test Device", key, issuer, list(extensions), **more)


add_intermediate("intermediate")
add_intermediate("intermediate_expired", end="20250309164439Z")
add_intermediate("intermediate_future", start="20300101000000Z")
add_intermediate("intermediate_sha1", md="sha1")
add_intermediate("intermediate_md5", md="md5")
add_intermediate("intermediate_not_ca", ["basicConstraints=CA:FALSE", SIGN])
add_intermediate("intermediate_no_constraints", [SIGN])
add_intermediate("intermediate_no_sign", [CA, DEVICE])
add_intermediate("intermediate_no_usage", [CA])
add_intermediate("intermediate_critical", [CA, SIGN, UNKNOWN])
add_intermediate("intermediate_excluded", [CA, SIGN, EXCLUDED])
add_intermediate("intermediate_permitted", [CA, SIGN, PERMITTED])
add_intermediate("intermediate_elsewhere", [CA, SIGN, ELSEWHERE])
add_intermediate("intermediate_other_key", key="other")
add_intermediate("intermediate_weak", key="small")
add_intermediate("intermediate_v1", [])
add_device("device")
add_device("device_sha1", md="sha1")
add_device("device_sha512", md="sha512")
add_device("device_md5", md="md5")
add_device("device_expired", end="20260101000000Z")
add_device("device_future", start="20300101000000Z")
add_device("device_no_usage", ["extendedKeyUsage=clientAuth"])
add_device("device_no_sign", ["keyUsage=critical,keyEncipherment"])
add_device("device_critical", [DEVICE, UNKNOWN])
add_device("device_audio", [
    DEVICE, "certificatePolicies=1.2.3.4,1.3.6.1.4.1.11129.2.5.2"])
add_device("device_small", key="small")
add_device("device_ec", key="ec")
add_device("device_large", key="large")
add_device("device_by_weak", issuer="intermediate_weak")
# Not under O=Elsewhere: the comma is part of a common name.
add("device_escape", "/CN=Device,O=Elsewhere", "device", "intermediate", [DEVICE])
add("device_hostile", "a\"b\\\\c\nd\u202ee", "device", "intermediate", [DEVICE])

DAY = "20261122000000Z"
for name, end, extensions in (
        ("tls", "20261124000000Z", [DEVICE]),
        ("tls_v1", "20261124000000Z", []),
        ("tls_four_days", "20261126000000Z", [DEVICE]),
        ("tls_five_days", "20261127000000Z", [DEVICE])):
    add(name, "Test TLS", "ec", None, extensions, start=DAY, end=end)


def run(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True,
                   stderr=subprocess.DEVNULL)


def make_key(name):
    path = HERE / f"{name}_key.pem"
    if path.exists():
        return path
    bits = {"small": 1024, "large": 8192}.get(name, 2048)
    if name == "ec":
        run("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", path)
    else:
        run("genrsa", "-out", path, bits)
    return path


def make_certificate(folder, name):
    subject, key, issuer, md, start, end, extensions = CERTIFICATES[name]
    config = folder / "ca.conf"
    (folder / "index").write_text("")
    (folder / "rand").write_text(secrets.token_hex(8))
    config.write_text(
        f"[ca]\ndefault_ca=it\n[it]\ndatabase={folder}/index\n"
        f"serial={folder}/rand\nnew_certs_dir={folder}\npolicy=any\n"
        f"default_md=sha256\n"
        "unique_subject=no\nstring_mask=utf8only\n"
        "[any]\nO=optional\nCN=supplied\n"
        "[extensions]\n" + "\n".join(extensions) + "\n")
    own = make_key(key)
    signer = make_key(CERTIFICATES[issuer][1]) if issuer else own
    run("req", "-new", "-key", own, "-out", folder / "req", "-utf8", "-subj",
        subject if subject.startswith("/") else "/O=Foyer Tests/CN=" + subject)
    arguments = ["-cert", HERE / f"{issuer}.pem"] if issuer else ["-selfsign"]
    if extensions:
        arguments += ["-extensions", "extensions", "-extfile", config]
    run("ca", "-batch", "-notext", "-config", config, "-keyfile", signer,
        "-in", folder / "req", "-out", HERE / f"{name}.pem", "-md", md,
        "-startdate", start, "-enddate", end, "-preserveDN", *arguments)


def main():
    """Makes those that are named, else all."""
    with tempfile.TemporaryDirectory() as folder:
        for name in sys.argv[1:] or CERTIFICATES:
            make_certificate(pathlib.Path(folder), name)


if __name__ == "__main__":
    main()
