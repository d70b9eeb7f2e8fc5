"""Writes hashes that Python's implementations make, one JSON object a line. README.md says how to run it."""

import base64
import crypt
import hashlib
import hmac
import json
import warnings
from importlib.metadata import version

import bcrypt
import django
from django.conf import settings
from django.contrib.auth import hashers as dj
from firebase_scrypt import firebasescrypt
from passlib import hash as pl
from werkzeug import security

warnings.simplefilter("ignore")
settings.configure()
django.setup()

SHORT = ["correct horse battery staple", "x", "", "r\u00e4ksm\u00f6rg\u00e5s \U0001f980", "cre\u0300me bru\u0302le\u0301e"]
# Around bcrypt's 72 bytes, HMAC's blocks of 64 and 128, and in letters of two to four bytes.
LONG = ["a" * 71, "a" * 72, "a" * 73 + "b", "\u00e5" * 36, "\u00e5" * 40, "\U0001f980" * 20, "long " * 26, "\u00e9" * 150]
NUL = ["with\0zero", "\0"]
SALT = "CzBVepE6Q4zWH2ix"


def line(made_by, password, text):
    assert text and not text.startswith("*"), (made_by, password)
    print(json.dumps({"made_by": made_by, "password": password, "hash": text}))


def b64(data):
    return base64.b64encode(data).decode().rstrip("=")


def crypts():
    """libxcrypt of Debian, by Python's crypt."""
    for password in SHORT + LONG:
        for setting in ["$2a$04$CzBVepE6Q4zWH2ix/wRNge", "$2b$05$CzBVepE6Q4zWH2ix/wRNgO", "$2y$04$CzBVepE6Q4zWH2ix/wRNgu"]:
            line("libxcrypt", password, crypt.crypt(password, setting))
        for setting in ["$5$rounds=1000$saltstring", "$6$rounds=1000$saltstringsaltst"]:
            line("libxcrypt", password, crypt.crypt(password, setting))
    for setting in ["$5$saltstring", "$6$saltstring", "$5$rounds=1234$x", "$6$rounds=1777$./az"]:
        line("libxcrypt", "correct horse battery staple", crypt.crypt("correct horse battery staple", setting))
    for setting in ["$5$rounds=1000$", "$6$rounds=1000$"]:
        line("libxcrypt", "\u00e5" * 255, crypt.crypt("\u00e5" * 255, setting + "saltstring"))


def pyca():
    name = f"bcrypt {bcrypt.__version__}"
    for password in SHORT + LONG:
        for prefix in [b"2a", b"2b", b"2y"]:
            salt = b"$" + prefix + b"$04$" + b"0123456789ABCDEFGHIJK."
            line(name, password, bcrypt.hashpw(password.encode(), salt).decode())


def passlibs():
    name = f"passlib {version('passlib')}"
    for password in SHORT + LONG + NUL:
        for scheme, rounds in [(pl.pbkdf2_sha1, 1000), (pl.pbkdf2_sha256, 1001), (pl.pbkdf2_sha512, 999)]:
            line(name, password, scheme.using(salt=b"\xfb\xff" + SALT.encode(), rounds=rounds).hash(password))
        line(name, password, pl.scrypt.using(salt=SALT.encode(), rounds=4, block_size=3, parallelism=2).hash(password))
        line(name, password, pl.phpass.using(salt=SALT[:8], rounds=7).hash(password))
        line(name, password, pl.phpass.using(salt="./azAZ09", rounds=8, ident="H").hash(password))
        for scheme in [pl.django_salted_sha1, pl.django_salted_md5]:
            line(name, password, scheme.using(salt="abcDEF123").hash(password))
        for scheme in [pl.ldap_md5, pl.ldap_sha1]:
            line(name, password, scheme.hash(password))
        for scheme in [pl.ldap_salted_md5, pl.ldap_salted_sha1, pl.ldap_salted_sha256, pl.ldap_salted_sha512]:
            line(name, password, scheme.using(salt=b"\x00\xffsaltsalt").hash(password))
    for password in SHORT:
        line(name, password, pl.sha256_crypt.using(salt=SALT, rounds=1003).hash(password))
        line(name, password, pl.sha512_crypt.using(salt=SALT, rounds=1005).hash(password))
        line(name, password, pl.scrypt.using(salt=b"", rounds=10, block_size=8, parallelism=1).hash(password))


def djangos():
    name = f"Django {django.__version__}"
    for password in SHORT + LONG + NUL:
        line(name, password, dj.PBKDF2PasswordHasher().encode(password, "saltSALT", 1000))
        line(name, password, dj.PBKDF2SHA1PasswordHasher().encode(password, "saltSALT", 1000))
        line(name, password, dj.ScryptPasswordHasher().encode(password, "saltSALT", 16, 8, 1))
        line(name, password, dj.BCryptSHA256PasswordHasher().encode(password, b"$2b$04$0123456789ABCDEFGHIJK."))
        line(name, password, dj.MD5PasswordHasher().encode(password, "saltSALT"))
    for password in SHORT:
        line(name, password, dj.BCryptPasswordHasher().encode(password, b"$2b$04$0123456789ABCDEFGHIJK."))
    hasher = dj.Argon2PasswordHasher()
    hasher.memory_cost, hasher.time_cost, hasher.parallelism = 64, 1, 2
    line(name, SHORT[0], hasher.encode(SHORT[0], "saltSALT"))


def werkzeugs():
    name = f"Werkzeug {version('werkzeug')}"
    for password in SHORT + LONG[-2:] + NUL:
        for method in ["scrypt:1024:8:1", "pbkdf2:sha1:1000", "pbkdf2:sha256:1000", "pbkdf2:sha512:1000"]:
            digest, method = security._hash_internal(method, SALT, password)
            line(name, password, f"{method}${SALT}${digest}")


def by_hand():
    """Python's hashlib and hmac (OpenSSL), put into PHC strings by hand."""
    name, salt = "Python hashlib", b"\xfb\xffsalt"
    for password in SHORT + LONG + NUL:
        sent = password.encode()
        for digest, length in [("sha1", 20), ("sha256", 32), ("sha512", 64), ("sha1", 50), ("sha256", 16)]:
            output = hashlib.pbkdf2_hmac(digest, sent, salt, 700, length)
            line(name, password, f"$pbkdf2-{digest}$i=700,l={length}${b64(salt)}${b64(output)}")
        output = hashlib.scrypt(sent, salt=salt, n=64, r=5, p=3, dklen=32)
        line(name, password, f"$scrypt$ln=6,r=5,p=3${b64(salt)}${b64(output)}")
        for digest in ["md5", "sha1", "sha256", "sha512"]:
            one = lambda data: hashlib.new(digest, data).digest()
            line(name, password, f"${digest}$s=prefix$${one(sent).hex()}")
            line(name, password, f"${digest}$s=prefix${b64(salt)}${one(salt + sent).hex().upper()}")
            line(name, password, f"${digest}$s=suffix${b64(salt)}${b64(one(sent + salt))}")
            mac = hmac.new(salt * 30, sent, digest).digest()
            line(name, password, f"${digest}$s=key${b64(salt * 30)}${base64.b64encode(mac).decode()}")


def firebases():
    key, salt, separator = bytes(range(64)), "42xEC+ixf3L2lw==", "Bw=="
    for password in SHORT + LONG + NUL:
        for memory, rounds in [(4, 8), (5, 3)]:
            derived = firebasescrypt.generate_derived_key(password, salt, separator, rounds, memory)
            output, sent = [base64.b64encode(data).decode() for data in (firebasescrypt.encrypt(key, derived), key)]
            text = f"$firescrypt$ln={memory},r={rounds},p=1${salt}${output}${separator}${sent}"
            line("firebase-scrypt 0.1.0 (PyPI)", password, text)


def microsofts():
    """Of ASP.NET Core's own tests, PasswordHasherTest.cs; hashlib computes the same."""
    for text in [
        "AQAAAAAAAAD6AAAAEAhftMyfTJylOlZT+eEotFXd1elee8ih5WsjXaR3PA9M",
        "AQAAAAIAAAAyAAAAEOMwvh3+FZxqkdMBz2ekgGhwQ4B6pZWND6zgESBuWiHw",
    ]:
        line("ASP.NET Core", "my password", text)


for section in [crypts, pyca, passlibs, djangos, werkzeugs, by_hand, firebases, microsofts]:
    section()
