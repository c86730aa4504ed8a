"""What `--mail` means."""

from pathlib import Path

import pytest

from cli.sources import default_name, mailbox_for, slug, source_of, split_name
from runtime.errors import InvalidInputError
from schemas.mailbox import EmlSource, ImapSource, Mailbox, MaildirSource, MboxSource
from schemas.pop3_source import Pop3Source


def test_a_name_before_the_equals_sign_names_the_mailbox() -> None:
    assert split_name("support=/srv/mail") == ("support", "/srv/mail")
    assert split_name("/srv/mail") == (None, "/srv/mail")
    assert split_name("imaps://anna%40x.example@imap.example/?a=b") == (
        None,
        "imaps://anna%40x.example@imap.example/?a=b",
    )


def test_a_path_that_exists_is_not_taken_for_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a=b").mkdir()
    assert split_name("a=b") == (None, "a=b")


@pytest.mark.parametrize(
    ("text", "name"),
    [("Support Desk", "support-desk"), ("--", "mail"), ("Büro", "b-ro"), ("x" * 80, "x" * 63), ("a@b.c", "a-b.c")],
)
def test_a_slug_is_a_mailbox_id(text: str, name: str) -> None:
    assert slug(text) == name


def test_default_names_come_from_the_path_or_the_login(tmp_path: Path) -> None:
    assert default_name(str(tmp_path / "Sales.mbox")) == "sales"
    assert default_name("imaps://anna%40x.example@imap.example") == "anna-x.example"
    assert default_name("imaps://imap.example") == "imap.example"


def test_what_is_on_disk_decides(tmp_path: Path) -> None:
    (tmp_path / "maildir" / "new").mkdir(parents=True)
    (tmp_path / "mails").mkdir()
    (tmp_path / "one.eml").write_bytes(b"Subject: x\n\n")
    (tmp_path / "box").write_bytes(b"From a Mon Jan  1 00:00:00 2026\nSubject: x\n\n")
    (tmp_path / "empty").write_bytes(b"")
    (tmp_path / "mail.mbox").write_bytes(b"junk")
    (tmp_path / "mail.txt").write_bytes(b"Subject: x\n\n")
    kinds = {path.name: type(source_of(str(path))) for path in tmp_path.iterdir()}
    assert kinds == {
        "maildir": MaildirSource,
        "mails": EmlSource,
        "one.eml": EmlSource,
        "box": MboxSource,
        "empty": MboxSource,
        "mail.mbox": MboxSource,
        "mail.txt": EmlSource,
    }


def test_paths_become_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mails").mkdir()
    source = source_of("mails")
    assert isinstance(source, EmlSource)
    assert source.path == str(tmp_path / "mails")


def test_a_missing_path_says_what_could_be_given(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="there is no such file or folder"):
        source_of(str(tmp_path / "nowhere"))


@pytest.mark.parametrize(
    ("url", "port", "security"),
    [
        ("imaps://anna@imap.example", 993, "tls"),
        ("imap://anna@imap.example", 143, "starttls"),
        ("imap://anna@imap.example:1143", 1143, "starttls"),
        ("imap://anna@127.0.0.1:1143", 1143, "none"),
        ("imap://anna@[::1]:1143", 1143, "none"),
        ("imap://anna@localhost", 143, "none"),
    ],
)
def test_an_imap_url_is_never_spoken_to_in_the_clear_beyond_this_machine(url: str, port: int, security: str) -> None:
    source = source_of(url)
    assert isinstance(source, ImapSource)
    assert (source.port, source.security, source.username) == (port, security, "anna")
    assert source.password == "MAIL_PASSWORD"


@pytest.mark.parametrize(
    ("url", "port", "security"),
    [
        ("pops://anna@pop.example", 995, "tls"),
        ("pop3s://anna@pop.example:1995", 1995, "tls"),
        ("pop://anna@pop.example", 110, "starttls"),
        ("pop3://anna@localhost", 110, "none"),
    ],
)
def test_nor_is_a_pop_url(url: str, port: int, security: str) -> None:
    source = source_of(url)
    assert isinstance(source, Pop3Source)
    assert (source.port, source.security, source.username) == (port, security, "anna")
    assert source.password == "MAIL_PASSWORD"


@pytest.mark.parametrize(
    "url",
    [
        "imaps://[::1",
        "imaps://imap.example",
        "imaps://",
        "pop4://a@b",
        "https://a@b",
        "imaps://a@b:port",
        "imaps://a@b:99999",
    ],
)
def test_other_urls_are_refused_with_the_form_that_works(url: str) -> None:
    with pytest.raises(InvalidInputError, match="write imaps://USER@HOST"):
        source_of(url)


def test_a_password_in_the_url_is_refused_and_not_repeated() -> None:
    with pytest.raises(InvalidInputError) as caught:
        source_of("imaps://anna:hunter2@imap.example")
    assert "hunter2" not in caught.value.text
    assert "MAILDESK_SECRET_MAIL_PASSWORD" in caught.value.text


@pytest.mark.parametrize(
    "url", ["imaps://anna:hunter2@", "pop3://anna:hunter2@b", "pop4://anna:hunter2@b", "imaps://anna:hun:ter2@b@c:x"]
)
def test_nor_in_an_url_that_is_wrong_otherwise(url: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        source_of(url)
    assert "ter2" not in caught.value.text


def test_what_is_known_of_a_mailbox_stays_but_its_source() -> None:
    known = Mailbox(id="support", addresses=("s@x.example",), incoming=False, source=EmlSource(kind="eml", path="/old"))
    found = mailbox_for("support", "imaps://anna@imap.example", known)
    assert (found.addresses, found.incoming) == (("s@x.example",), False)
    assert isinstance(found.source, ImapSource)
