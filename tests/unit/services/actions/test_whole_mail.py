"""Mails taken apart: what is shown, what is a file, and that nothing hostile gets through or takes long."""

import base64
import time
from email.message import EmailMessage

import pytest

from services.actions.effects.shown_html import MAX_TAGS, shown_html
from services.actions.effects.whole_mail import (
    MAX_FILE_BYTES,
    MAX_FILES,
    MAX_TEXT,
    UnreadableMailError,
    WholeMail,
    whole_mail,
)


def letter() -> EmailMessage:
    """With text only."""
    found = EmailMessage()
    found["Subject"] = "Offer"
    found.set_content("Plain <words>\nand more")
    return found


def names(found: WholeMail) -> list[str]:
    return [file.name for file in found.files]


def test_text_becomes_a_paragraph() -> None:
    assert whole_mail(letter().as_bytes()).html == "<p>Plain &lt;words&gt;<br/>and more</p>"


def test_html_wins_over_its_text() -> None:
    mail = letter()
    mail.add_alternative("<p>Rich</p>", subtype="html")
    mail.add_attachment(b"BEGIN:VCALENDAR", maintype="text", subtype="calendar")
    found = whole_mail(mail.as_bytes())
    assert (found.html, names(found)) == ("<p>Rich</p>", ["text.txt"])


def test_html_that_is_too_large_gives_way_to_the_text() -> None:
    mail = letter()
    mail.add_alternative("<br>" * (MAX_TAGS + 1), subtype="html")
    found = whole_mail(mail.as_bytes())
    assert (found.html, found.too_large) == ("<p>Plain &lt;words&gt;<br/>and more</p>", True)


def test_a_mail_in_a_mail_and_a_text_with_a_name_are_files() -> None:
    mail = letter()
    mail.add_attachment(letter())
    mail.add_attachment("a;b", subtype="csv", filename="..\\..\\etc/list.csv")
    mail.add_attachment("<p>no page</p>", subtype="html", filename="page.html")
    found = whole_mail(mail.as_bytes())
    assert names(found) == ["mail.eml", "list.csv", "page.html"]
    assert b"Subject: Offer" in found.files[0].content
    assert "no page" not in found.html


def test_images_keep_the_name_that_the_html_calls_them_by() -> None:
    mail = letter()
    mail.add_alternative('<img src="cid:logo@x">', subtype="html")
    html = mail.get_payload(1)
    assert isinstance(html, EmailMessage)
    html.add_related(b"PNG", "image", "png", cid="<logo@x>", filename="=?utf-8?q?l=C3=B6go=2Epng?=")
    found = whole_mail(mail.as_bytes())
    assert 'src="cid:logo@x"' in found.html
    assert [(file.name, file.cid, file.content) for file in found.files] == [("lögo.png", "logo@x", b"PNG")]


def test_what_is_too_many_or_too_large_is_named() -> None:
    mail = letter()
    mail.add_attachment(b"x" * (MAX_FILE_BYTES + 1), maintype="application", subtype="zip", filename="big.zip")
    for number in range(MAX_FILES + 1):
        mail.add_attachment(b"x", maintype="application", subtype="pdf", filename=f"{number}.pdf")
    found = whole_mail(mail.as_bytes())
    assert len(found.files) == MAX_FILES
    assert found.left_out == ["big.zip", f"{MAX_FILES}.pdf"]


def test_long_text_is_cut() -> None:
    found = whole_mail(b"Content-Type: text/plain\r\n\r\n" + b"x" * (MAX_TEXT + 5))
    assert (len(found.html), found.too_large) == (MAX_TEXT + len("<p></p>"), True)


@pytest.mark.parametrize(
    "charset", ["utf-8", "latin-1", "no-such", "punycode", "idna", "zlib", "unicode_escape", "utf_7"]
)
def test_no_charset_breaks_it(charset: str) -> None:
    found = whole_mail(
        f"Content-Type: text/plain; charset={charset}\r\n\r\nGr".encode() + b"\xfc\xdfe \xff\\ud800 +AGE-"
    )
    assert found.html.startswith("<p>Gr")
    found.html.encode()


@pytest.mark.parametrize(
    "raw",
    [
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\nx\r\n" * 2_500,
        b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(40)),
    ],
)
def test_too_many_parts_are_not_read(raw: bytes) -> None:
    with pytest.raises(UnreadableMailError):
        whole_mail(raw)


@pytest.mark.parametrize("raw", [b"", b"\0\xff", b"Content-Type: multipart/mixed\r\n\r\n", b"Content-Type: x\r\n\r\n"])
def test_a_broken_mail_is_read_as_far_as_it_goes(raw: bytes) -> None:
    assert isinstance(whole_mail(raw), WholeMail)


def test_broken_base64_is_a_file_all_the_same() -> None:
    raw = b"Content-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    found = whole_mail(raw + base64.b64encode(b"%PDF") + b"=!!")
    assert names(found) == ["a.pdf"]


@pytest.mark.parametrize(
    "source",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<a href='javascript:alert(1)'>x</a>",
        "<iframe src='https://x.example'></iframe>",
        "<form action='https://x.example'><input name=password></form>",
        "<svg onload=alert(1)>",
        "<style>body{display:none}</style>",
        "<base href='https://x.example'>",
        "<meta http-equiv=refresh content='0;url=https://x.example'>",
        "<div style='position:fixed;background:url(javascript:1)'>x</div>",
        "<img src='data:text/html,x'>",
        "</div></div><!-- x",
    ],
)
def test_what_could_act_is_taken_out(source: str) -> None:
    shown = shown_html(f"<p>Good</p>{source}")
    assert shown is not None
    assert shown.startswith("<p>Good</p>")
    for bad in (
        "script",
        "alert",
        "onerror",
        "iframe",
        "form",
        "input",
        "svg",
        "base",
        "meta",
        "fixed",
        "data:",
        "<!--",
    ):
        assert bad not in shown


def test_the_deepest_html_that_is_shown_takes_no_long_time() -> None:
    began = time.process_time()
    assert shown_html("<div>" * MAX_TAGS) is not None
    assert shown_html("<div>" * (MAX_TAGS + 1)) is None
    assert time.process_time() - began < 5
