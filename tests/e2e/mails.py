"""Mails that the tests make up, and the places where they put them."""

import mailbox
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
FOLDERS = ("Done", "Sent")


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail. `name` is its file name without suffix, its Message-ID `<name@tests.example>`."""

    name: str
    raw: bytes

    @property
    def message_id(self) -> str:
        """With its angle brackets."""
        return f"<{self.name}@tests.example>"


def mail(
    name: str,
    subject: str,
    *,
    sender: str = "Carla Customer <carla@customer.example>",
    body: str = "Hello,\nplease have a look.\n",
    references: Sequence[str] = (),
    attachment: tuple[str, bytes] | None = None,
    minute: int = 0,
) -> Mail:
    """A well-formed mail."""
    message = EmailMessage()
    message["From"] = sender
    message["To"] = "support@company.example"
    message["Subject"] = subject
    message["Date"] = format_datetime(START + timedelta(minutes=minute))
    message["Message-ID"] = f"<{name}@tests.example>"
    if references:
        message["References"] = " ".join(references)
        message["In-Reply-To"] = references[-1]
    message.set_content(body)
    if attachment is not None:
        message.add_attachment(attachment[1], maintype="application", subtype="octet-stream", filename=attachment[0])
    return Mail(name, message.as_bytes())


def make_maildir(path: Path, mails: Iterable[Mail] = (), folders: Sequence[str] = FOLDERS) -> Path:
    """A Maildir++ with these mails as new ones."""
    for folder in (path, *(path / f".{name}" for name in folders)):
        for part in ("tmp", "new", "cur"):
            (folder / part).mkdir(parents=True, exist_ok=True)
    for number, each in enumerate(mails):
        deliver(path, each, 1_700_000_000 + number)
    return path


def deliver(path: Path, each: Mail, second: int = 1_800_000_000) -> None:
    """As a mail server does: written below tmp, then moved."""
    name = f"{second}.{each.name}.tests"
    (path / "tmp" / name).write_bytes(each.raw)
    (path / "tmp" / name).rename(path / "new" / name)


def make_mbox(path: Path, mails: Iterable[Mail]) -> Path:
    """An mbox file, `From ` lines in bodies quoted."""
    box = mailbox.mbox(path)
    try:
        for each in mails:
            box.add(each.raw)
    finally:
        box.close()
    return path


def make_folder(path: Path, mails: Iterable[Mail]) -> Path:
    """A folder of .eml files, every other one in a folder below."""
    for number, each in enumerate(mails):
        folder = path / "below" if number % 2 else path
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{number:05}-{each.name}.eml").write_bytes(each.raw)
    return path


@dataclass(frozen=True, slots=True)
class Place:
    """Where a mail is in a Maildir, with its flags (letters) and keywords."""

    folder: str
    flags: str
    keywords: frozenset[str]


def listing(path: Path) -> list[tuple[str, Place]]:
    """The Message-ID and the place of every mail in a Maildir++, read as Dovecot and mutt do."""
    found: list[tuple[str, Place]] = []
    for folder in (path, *sorted(path.glob(".*"))):
        names = _keyword_names(folder)
        for file in [*(folder / "new").iterdir(), *(folder / "cur").iterdir()]:
            letters = file.name.partition(":2,")[2]
            keywords = frozenset(names[letter] for letter in letters if letter.islower())
            flags = "".join(letter for letter in letters if letter.isupper())
            if file.exists():
                name = folder.name.removeprefix(".") if folder != path else "INBOX"
                found.append((_message_id(file.read_bytes()), Place(name, flags, keywords)))
    return found


def places(path: Path) -> dict[str, Place]:
    """The same of a Maildir++ in which no mail is twice."""
    found = listing(path)
    assert len(dict(found)) == len(found), f"a mail is twice in {path}"
    return dict(found)


def _keyword_names(folder: Path) -> dict[str, str]:
    listing = folder / "dovecot-keywords"
    lines = listing.read_text().splitlines() if listing.exists() else []
    return {chr(ord("a") + int(number)): name for number, _, name in (line.partition(" ") for line in lines)}


def _message_id(raw: bytes) -> str:
    for line in raw.split(b"\n"):
        if line.lower().startswith(b"message-id:"):
            return line.partition(b":")[2].strip().decode()
    return f"none, but {raw[:40]!r}"
