"""Small and large mails made to be slow: time stays linear. The bound is loose, quadratic work misses it by far.

Processor time is measured, so that a busy machine fails nothing.
"""

import time

import pytest

from services.ingest.identity import content_digest
from services.ingest.parse.mail import parse_mail

SIZE = 2 * 1024 * 1024
MIXED = b"Content-Type: multipart/mixed; boundary=a\n\n"
HTML = b"Content-Type: text/html\n\n"
HOSTILE = {
    "nothing but line ends": b"\n" * SIZE,
    "tiny headers": b"a:\n" * (SIZE // 3),
    "100,000 headers": b"".join(b"X-H%d: v\n" % n for n in range(100_000)) + b"\nhi",
    "one endless line": b"Subject: " + b"x" * SIZE + b"\n\n",
    "endless folding": b"Subject:" + b"\n a" * (SIZE // 3),
    "encoded words": b"Subject: " + b"=?utf-8?q?a?= " * (SIZE // 14) + b"\n\n",
    "encoded words that never end": b"Subject: " + b"=?a?q?" * (SIZE // 6) + b"\n\n",
    "a million addresses": b"To: " + b"a@b," * (SIZE // 4) + b"\n\n",
    "nested comments": b"To: " + b"(" * SIZE + b"\n\n",
    "nested groups": b"To: " + b"a:" * (SIZE // 2) + b"\n\n",
    "colons after an address": b"To: " + b"a " * 16_000 + b"x@y " + b": " * 16_000 + b"\n\n",
    "glued tokens": b"To: " + b"a@>" * 21_000 + b"\n\n",
    "long umlaut domains": b"To: " + (b"a@" + "ü".encode() * 150 + b".x,") * 200 + b"\n\n",
    "parameters": b"Content-Type: text/plain" + b";" * SIZE + b"\n\n",
    "parameters in 600 parts": MIXED + (b"--a\nContent-Type: a/b" + b";" * 8_000 + b"\n\nx\n") * 250,
    "open brackets": b"References: " + b"<" * SIZE + b"\n\n",
    "a date of digits": b"Date: " + b"1" * SIZE + b"\n\n",
    "nested parts": MIXED.join([b"--a\n"] * 2_000),
    "many parts": MIXED + b"--a\n\nx\n" * (SIZE // 7),
    "nearly delimiters": (MIXED + b"--a\n") * 20 + b"\n--aX" * (SIZE // 5),
    "tags": HTML + b"<b>" * (SIZE // 3),
    "open tags": HTML + b"<" * SIZE,
    "open comments": HTML + b"<!--" * (SIZE // 4),
    "open styles": HTML + b"<style>" * (SIZE // 7),
    "ampersands": HTML + b"&" * SIZE,
    "an endless entity": HTML + b"&#" + b"1" * SIZE,
    "punycode": b"Content-Type: text/plain; charset=punycode\n\n" + b"a-b\xff" * (SIZE // 4),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_mail_is_read_in_time(name: str) -> None:
    started = time.process_time()
    parse_mail(HOSTILE[name])
    content_digest(HOSTILE[name])
    assert time.process_time() - started < 2


def test_50_mb_are_read_in_time() -> None:
    body = (b"A" * 76 + b"\r\n") * (50 * 1024 * 1024 // 78)
    raw = b"Content-Type: application/x; name=f\r\nContent-Transfer-Encoding: base64\r\n\r\n" + body
    started = time.process_time()
    parsed = parse_mail(raw)
    assert time.process_time() - started < 10
    assert parsed.attachments[0].size == len(body) // 78 * 57
