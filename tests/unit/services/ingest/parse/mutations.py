"""Mails damaged by chance: the n-th of a seed is the same mail for ever, on every machine."""

from collections.abc import Mapping
from hashlib import sha256
from random import Random

MAX_BASE = 6_000
MAX_REPEATS = 300
PIECES = (
    b"\r", b"\n", b"\r\n", b"\n\n", b"\r\n\r\n", b"\n ", b"\n\t", b" ", b"\t", b"\x00", b"\x0b", b"\x7f", b"\x85",
    b"\xff", b"\xc2\x85", b"\xed\xa0\x80", b"\xc3", b"\xef\xbb\xbf", b"=", b"=3D", b"=\n", b"=?utf-8?q?=C3?=",
    b"=?utf-16?b?2AA=?=", b"=?utf-8?b?====?=", b"=?", b"?=", b"<", b">", b"<>", b"(", b")", b'"', b"\\", b",", b";",
    b":", b"@", b"a@b.example", b"--", b"--b", b"\n--b\n", b"\n--b--\n", b"+2AA-", b"&#xD800;", b"<style>", b"<!--",
    b"&", b" " * 90, b"x" * 2_100, b"99999999999999999999", b"-2359", b"From x\n", b"List-Id: x\n", b"Subject: y\n",
    b"To: c@d.example\n", b"Date: soon\n", b"Content-Type: multipart/mixed; boundary=b\n",
    b"Content-Type: message/rfc822\n", b"Content-Type: text/html\n", b"Content-Type: text/plain; charset=utf-16\n",
    b"Content-Transfer-Encoding: base64\n", b"charset=hz", b"charset=punycode",
    b"Content-Transfer-Encoding: quoted-printable\n", b"filename*0*=utf-8''%ff", b"filename*=x'y'%", b'; name="a\\"b"',
    b"References: <a@b> <c@d>\n", b"Return-Path: <>\n", b"Thread-Index: AdGq\n", b"Thread-Topic: x\n",
    b"\xf0\x9f\x92\xa9",
)  # fmt: skip


class Mutations:
    """Damaged copies of `mails`. Equal seeds and equal mails give equal damage."""

    def __init__(self, seed: int, mails: Mapping[str, bytes]) -> None:
        self.seed = seed
        self._mails = [raw[:MAX_BASE] for _, raw in sorted(mails.items())]

    def mail(self, number: int) -> bytes:
        """The n-th."""
        chance = Random(f"{self.seed}/{number}")
        raw = bytearray(chance.choice(self._mails))
        for _ in range(chance.choice((1, 1, 2, 3, 8))):
            self._damage(raw, chance)
        return bytes(raw)

    def named(self, number: int) -> str:
        """What is printed of a mail that fails: how to make it again, and what it must be then."""
        return f"seed {self.seed}, mail {number}, SHA-256 {sha256(self.mail(number)).hexdigest()}"

    def _damage(self, raw: bytearray, chance: Random) -> None:
        at = chance.randrange(min(len(raw), 900) + 1 if chance.random() < 0.6 else len(raw) + 1)
        kind = chance.random()
        if kind < 0.5:
            raw[at : at + chance.choice((0, 0, 0, 1, 2, 5))] = chance.choice(PIECES)
        elif kind < 0.6:
            raw[at:at] = chance.choice(PIECES) * chance.randrange(1, MAX_REPEATS)
        elif kind < 0.7:
            start = chance.randrange(len(raw) + 1)
            raw[at:at] = raw[start : start + chance.randrange(200)]
        elif kind < 0.8:
            other = chance.choice(self._mails)
            start = chance.randrange(len(other) + 1)
            raw[at:at] = other[start : start + chance.randrange(400)]
        elif kind < 0.9:
            del raw[at : at + chance.randrange(1, 100)]
        elif kind < 0.95:
            del raw[at:]
        else:
            raw[0:0] = b"Content-Type: message/rfc822\nMIME-Version: 1.0\n\n"
