"""Mails made to be slow, huge in one respect, or endless: what somebody would send to hold up a mailbox."""

import base64
import zlib

HEAD = b"Message-ID: <b@x.example>\nFrom: a@x.example\nTo: info@y.example\nDate: Mon, 2 Nov 2026 10:00:00 +0100\n"
MIXED = b"Content-Type: multipart/mixed; boundary=b\n"
RFC822 = b"Content-Type: message/rfc822\n\n"


def _each(depth: int) -> bytes:
    """Multiparts within multiparts, each with a boundary of its own, all closed."""
    raw = b"Content-Type: text/plain\n\nHello\n"
    for level in range(depth):
        mark = b"b%d" % level
        raw = (
            b"Content-Type: multipart/mixed; boundary="
            + mark
            + b"\n\n--"
            + mark
            + b"\n"
            + raw
            + b"\n--"
            + mark
            + b"--\n"
        )
    return HEAD + raw


def bombs(size: int) -> dict[str, bytes]:
    """By name. `size`: of what is huge, in bytes; numbers of headers, parts and levels do not depend on it."""
    return {
        "multiparts, 3,000 deep": _each(3_000),
        "one boundary, 50,000 deep": HEAD + (MIXED + b"\n--b\n") * 50_000,
        "forwarded 50,000 times": HEAD + RFC822 * 50_000 + b"Hello",
        "a forwarded mail in each of 20,000 parts": HEAD + MIXED + b"\n" + (b"--b\n" + RFC822 + b"From: a\n") * 20_000,
        "100,000 parts": HEAD + MIXED + b"\n" + b"--b\nContent-Type: a/b; name=f\n\nx\n" * 100_000,
        "100,000 attachments in one letter": HEAD + MIXED + b"\n" + b"--b\n\n\n" * 100_000,
        "100,000 headers": HEAD + b"".join(b"X-%d: v\n" % number for number in range(100_000)) + b"\nHello",
        "100,000 recipients headers": HEAD + b"To: a@b.example\n" * 100_000 + b"\nHello",
        "a header": HEAD + b"Subject: " + b"x" * size + b"\n\nHello",
        "a folded header": HEAD + b"Subject:" + b"\n x" * (size // 3) + b"\n\nHello",
        "a header of encoded words": HEAD + b"Subject: " + b"=?utf-8?b?w7w=?= " * (size // 17) + b"\n\nHello",
        "encoded words in 8-bit": HEAD + b"Subject: " + b"=?utf-8?q?\xff?= " * (size // 15) + b"\n\n",
        "references in great number": HEAD + b"References:" + b"".join(map(b" <%d@x>".__mod__, range(size // 10))),
        "references without end": HEAD + b"References: " + b"<" * size + b"\n\nHello",
        "an address list": HEAD.replace(b"info@y.example", b"a@b.example, " * (size // 13)) + b"\nHello",
        "comments within comments": HEAD.replace(b"info@y.example", b"(" * size) + b"\nHello",
        "quotes without end": HEAD.replace(b"info@y.example", b'"\\' * (size // 2)) + b"\nHello",
        "parameters": HEAD + b"Content-Type: text/plain" + b"; a=b" * (size // 6) + b"\n\nHello",
        "parameter segments": HEAD + b"Content-Type: a/b" + b"".join(map(b"; name*%d*=%%ff".__mod__, range(99_999))),
        "a boundary": HEAD + b"Content-Type: multipart/mixed; boundary=" + b"b" * size + b"\n\nHello",
        "nearly boundaries": HEAD + MIXED + b"\n" + b"--b\n\n" + b"\n--b." * (size // 5),
        "base64": HEAD + b"Content-Transfer-Encoding: base64\n\n" + base64.encodebytes(b"x" * size),
        "base64 of nothing": HEAD + b"Content-Transfer-Encoding: base64\n\n" + b"=" * size,
        "base64 of rubbish": HEAD + b"Content-Transfer-Encoding: base64\n\n" + b"\xff*" * size,
        "quoted-printable": HEAD + b"Content-Transfer-Encoding: quoted-printable\n\n" + b"=\n" * size,
        "a packed body": HEAD + b"Content-Encoding: deflate\n\n" + zlib.compress(b"x" * (5 * size)),
        "a charset that is a codec": HEAD + b"Content-Type: text/plain; charset=zlib\n\n" + zlib.compress(b"x" * size),
        "NULs": HEAD + b"\n" + b"\0" * size,
        "NULs in the header": HEAD + b"Subject: " + b"\0" * (size // 4) + b"\n\nHello",
        "lone CRs": HEAD.replace(b"\n", b"\r") + b"\r" * size,
        "lone CRs among LFs": HEAD + b"\n" + b"a\r" * size,
        "surrogates": HEAD + b"Subject: " + b"\xed\xa0\x80" * 10_000 + b"\n\n" + b"\xed\xb0\x80" * (size // 4),
        "UTF-7 of surrogates": HEAD + b"Content-Type: text/plain; charset=utf-7\n\n" + b"+2AA-" * (size // 4),
        "UTF-16 cut in a character": HEAD + b"Content-Type: text/plain; charset=utf-16\n\n" + b"\x00\xd8" * (size // 4),
        "ISO-2022": HEAD + b"Content-Type: text/plain; charset=iso-2022-jp\n\n" + b"\x1b$B\x1b(B" * (size // 9),
        "HTML of open tags": HEAD + b"Content-Type: text/html\n\n" + b"<a" * (size // 2),
        "HTML just short enough": HEAD + b"Content-Type: text/html\n\n" + b"<a" * 3_900 + b">",
        "HTML of blanks": HEAD + b"Content-Type: text/html\n\n" + b" &nbsp;" * (size // 7),
        "HTML of entities": HEAD + b"Content-Type: text/html\n\n" + b"&#" + b"9" * size,
        "a header of blanks": HEAD + b"Subject:" + b" " * size + b"\n\nHello",
        "headers of blanks and nothing": HEAD + b"Subject:" + b"\n " * (size // 2) + b"\n\nHello",
        "no end of header": b"a: " * (size // 3),
        "a thread index": HEAD + b"Thread-Index: " + b"AdGq" * (size // 4) + b"\n\nHello",
        "a subject of reply prefixes": HEAD + b"Subject: " + b"Re: " * (size // 4) + b"\n\nHello",
        "a subject of nested prefixes": HEAD + b"Subject: " + b"Re[" * (size // 4) + b"\n\nHello",
        "a date": HEAD.replace(b"Mon, 2 Nov", b"(" * size) + b"\nHello",
        "a text of one line": HEAD + b"\n" + b"word " * (size // 5),
    }  # fmt: skip
