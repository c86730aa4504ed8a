"""Mails as mailers really write them where the standard and habits part, and as nobody should."""

from email.message import EmailMessage

HEAD = (
    b"Message-ID: <o@x.example>\nFrom: Anna <anna@x.example>\nTo: info@y.example\n"
    b"Date: Mon, 2 Nov 2026 10:00:00 +0100\n"
)
MIXED = b"Content-Type: multipart/mixed; boundary=b\n"


def _mail(more: bytes = b"", body: bytes = b"Hello\n") -> bytes:
    return HEAD + more + b"\n" + body


def _forwarded(levels: int) -> bytes:
    raw = _mail(b"Subject: innermost\n")
    for _ in range(levels):
        raw = _mail(b"Subject: Fwd\nMIME-Version: 1.0\nContent-Type: message/rfc822\n", raw)
    return raw


def _written() -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "Jörg <j@x.example>", "info@y.example", "Grüße · 見積"
    message["Message-ID"], message["Date"] = "<w@x.example>", "Tue, 03 Nov 2026 09:00:00 -0000"
    message.set_content("Schöne Grüße\n" * 20)
    message.add_alternative("<p>Schöne Grüße</p>", subtype="html")
    message.add_attachment(b"%PDF" * 50, maintype="application", subtype="pdf", filename="Angebot für Sie.pdf")
    return message.as_bytes()


ODDITIES = {
    "folded by a tab": _mail(b"Subject: one\n\ttwo\n\tthree\n"),
    "folded into nothing": _mail(b"Subject: one\n \n two\n"),
    "blank before the colon": _mail(b"Subject : hello\n"),
    "no blank after the colon": _mail(b"Subject:hello\n"),
    "many blanks after the colon": _mail(b"Subject:" + b" " * 300 + b"hello\n"),
    "blanks before the end of a line": _mail(b"Subject: hello   \n"),
    "an empty header": _mail(b"Subject:\n"),
    "an empty Return-Path": _mail(b"Return-Path:  \n"),
    "a null Return-Path in blanks": _mail(b"Return-Path: < >\n"),
    "two of a list header": _mail(b"To: more@y.example\n"),
    "two subjects": _mail(b"Subject: one\nSubject: two\n"),
    "two types": _mail(b"Content-Type: text/plain\nContent-Type: multipart/report; boundary=b\n"),
    "a quoted comma": HEAD.replace(b"Anna", b'"Berg, Anna"') + b"\nHello\n",
    "a comment after an address": HEAD.replace(b"info@y.example", b"info@y.example (the desk)") + b"\nHello\n",
    "a group": HEAD.replace(b"info@y.example", b"team: a@y.example, b@y.example;") + b"\nHello\n",
    "a trailing comma": HEAD.replace(b"info@y.example", b"a@y.example, b@y.example,") + b"\nHello\n",
    "a name of encoded words": HEAD.replace(b"Anna", b"=?utf-8?b?QW5uw6Q=?= =?utf-8?q?_B=C3=B6?=") + b"\nHello\n",
    "encoded words split inside a character": _mail(b"Subject: =?utf-8?q?Gr=C3?=\n =?utf-8?q?=BC=C3=9Fe?=\n"),
    "an encoded word with a language": _mail(b"Subject: =?utf-8*de?q?Gr=C3=BC=C3=9Fe?=\n"),
    "an encoded word in quotes": HEAD.replace(b"Anna", b'"=?utf-8?q?Ann=C3=A4?="') + b"\nHello\n",
    "an encoded word with blanks in it": _mail(b"Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe an alle?=\n"),
    "8-bit headers": _mail("Subject: Grüße\n".encode()),
    "Latin-1 headers": _mail("Subject: Grüße\n".encode("latin-1")),
    "a date with its zone's name": HEAD.replace(b"+0100", b"+0100 (CET)") + b"\nHello\n",
    "a date with a name for a zone": HEAD.replace(b"+0100", b"GMT") + b"\nHello\n",
    "a date without seconds": HEAD.replace(b"10:00:00", b"10:00") + b"\nHello\n",
    "a date of the last century": HEAD.replace(b"2026", b"99") + b"\nHello\n",
    "the 30th of February": HEAD.replace(b"2 Nov", b"30 Feb") + b"\nHello\n",
    "the weekday is wrong": HEAD.replace(b"Mon,", b"Sun,") + b"\nHello\n",
    "a leap second": HEAD.replace(b"10:00:00", b"23:59:60") + b"\nHello\n",
    "references on many lines": _mail(b"References: <a@x>\n <b@x>\n\t<c@x>\n <a@x>\nIn-Reply-To: <c@x>\n"),
    "references without blanks": _mail(b"References: <a@x><b@x>,<c@x>\n"),
    "an answer to words": _mail(b"In-Reply-To: your message of Monday <c@x> (Anna's)\n"),
    "a charset in quotes": _mail(b'Content-Type: text/plain; charset="UTF-8"\n', "Grüße\n".encode()),
    "a wrong charset": _mail(b"Content-Type: text/plain; charset=us-ascii\n", "Grüße\n".encode()),
    "an unknown charset": _mail(b"Content-Type: text/plain; charset=x-unknown\n", b"hello\n"),
    "UTF-16": _mail(b"Content-Type: text/plain; charset=utf-16\nContent-Transfer-Encoding: base64\n",
                    b"//5IAGUAbABsAG8A\n"),
    "UTF-7": _mail(b"Content-Type: text/plain; charset=utf-7\n", b"Gr+APwA3w-e\n"),
    "quoted-printable at its edges": _mail(
        b"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n",
        b"Gr=C3=BC=C3=9Fe =\n an =3D alle =zz =\n\n",
    ),
    "base64 with rubbish": _mail(b"Content-Transfer-Encoding: base64\n", b"SGVs*bG8g\n d29ybGQ\n"),
    "returns in the text": _mail(b"", b"one\rtwo\r\r\nthree\r\n"),
    "controls in the text": _mail(b"", b"one\x07two\x0bthree\x7f\n"),
    "controls beyond ASCII": _mail(b"Content-Type: text/plain; charset=utf-8\n", "one\x85two\xa0three\n".encode()),
    "a NUL": _mail(b"", b"one\0two\n"),
    "a part without a header": _mail(MIXED, b"--b\n\nHello\n--b--\n"),
    "a part without a body": _mail(MIXED, b"--b\nContent-Type: text/plain\n--b--\n"),
    "blanks after a delimiter": _mail(MIXED, b"--b  \n\nHello\n--b-- \n"),
    "a delimiter that begins another": _mail(
        MIXED,
        b"--b\nContent-Type: multipart/alternative; boundary=bb\n\n--bb\n\nHello\n--bb\nContent-Type: text/html\n\n"
        b"<p>Hi\n--bb--\n--b--\n",
    ),
    "not closed": _mail(MIXED, b"--b\n\nHello\n"),
    "closed within": _mail(
        MIXED,
        b"--b\nContent-Type: multipart/related; boundary=c\n\n--c\n\nHello\n--b\nContent-Type: a/b; name=f\n\nx\n"
        b"--b--\n",
    ),
    "no multipart after all": _mail(MIXED, b"Hello\n"),
    "text after the end": _mail(MIXED, b"before\n--b\n\nHello\n--b--\nafter\n"),
    "a text that is a file": _mail(
        MIXED,
        b"--b\nContent-Type: text/plain; name=a.txt\n\nfile\n--b\n\nHello\n--b--\n",
    ),
    "a blank text before HTML": _mail(
        b"Content-Type: multipart/alternative; boundary=b\n",
        b"--b\nContent-Type: text/plain\n\n\n--b\nContent-Type: text/html\n\n<p>Hello\n--b--\n",
    ),
    "a file name in segments": _mail(
        b"Content-Type: application/pdf; name*0*=utf-8''Gr%C3%BC; name*1*=%C3%9Fe; name*2=.pdf\n", b"x\n"
    ),
    "a file name with a path": _mail(b"Content-Disposition: attachment; filename=\"C:\\\\a\\\\b.txt\"\n", b"x\n"),
    "segments without end": _mail(b"Content-Type: a/b; name*0=a; name*2=c\n", b"x\n"),
    "a picture within": _mail(
        b"Content-Type: multipart/related; boundary=b\n",
        b"--b\nContent-Type: text/html\n\n<img src=cid:i>Hi\n--b\nContent-Type: image/png; name=i.png\n"
        b"Content-ID: <i>\nContent-Transfer-Encoding: base64\n\nAAAA\n--b--\n",
    ),
    "a digest": _mail(
        b"Content-Type: multipart/digest; boundary=b\n", b"--b\n\nFrom: a@b.example\nSubject: one\n\nHello\n--b--\n"
    ),
    "a forwarded mail": _forwarded(1),
    "forwarded twelve times": _forwarded(12),
    "a list's mail": _mail(b"List-Id: <team.y.example>\nPrecedence: list\nSender: team-request@y.example\n"),
    "written by Python": _written(),
}  # fmt: skip
