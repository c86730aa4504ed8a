"""URIs that name one message. The authority is the mailbox id: hosts and credentials never travel with an event.

    imap://<mailbox>/<folder>;UIDVALIDITY=n/;UID=m     (the path's form is RFC 5092 §3)
    maildir://<mailbox>/<folder>;KEY=<unique name>
    mbox://<mailbox>/<offset>-<digest prefix>
    eml://<mailbox>/<relative path>
    pop3://<mailbox>/<key>                         (connectors/mailbox/pop3_listing.py)

Folder, unique name, path and key are percent-encoded (RFC 3986 §2.1).
"""

import re
from dataclasses import dataclass
from os import fsdecode, fsencode
from urllib.parse import quote, quote_from_bytes, unquote, unquote_to_bytes

from runtime.errors import InvalidInputError

_IMAP = re.compile(r"imap://([^/]+)/([^/;]+);UIDVALIDITY=(\d{1,10})/;UID=(\d{1,10})")
_MAILDIR = re.compile(r"maildir://([^/]+)/([^/;]+);KEY=([^/;]+)")
_MBOX = re.compile(r"mbox://([^/]+)/(\d{1,20})-([0-9a-f]{1,64})")
_EML = re.compile(r"eml://([^/]+)/(.+)")
_POP3 = re.compile(r"pop3://([^/]+)/([^/;]+)")


@dataclass(frozen=True, slots=True)
class ImapUri:
    """RFC 5092 §3, with our mailbox id as the authority."""

    mailbox: str
    folder: str
    uidvalidity: int
    uid: int

    def __str__(self) -> str:
        return f"imap://{self.mailbox}/{quote(self.folder, safe='')};UIDVALIDITY={self.uidvalidity}/;UID={self.uid}"

    @classmethod
    def parse(cls, uri: str, mailbox: str) -> "ImapUri":
        """Raises InvalidInputError when it is another kind's or another mailbox's."""
        owner, folder, uidvalidity, uid = _parts(_IMAP, uri, mailbox)
        return cls(owner, unquote(folder), int(uidvalidity), int(uid))


@dataclass(frozen=True, slots=True)
class MaildirUri:
    """`key` is the unique name: the file name without `:2,` and flags, so it survives every change of flags."""

    mailbox: str
    folder: str
    key: str

    def __str__(self) -> str:
        key = quote_from_bytes(fsencode(self.key), safe="")
        return f"maildir://{self.mailbox}/{quote(self.folder, safe='')};KEY={key}"

    @classmethod
    def parse(cls, uri: str, mailbox: str) -> "MaildirUri":
        """Raises InvalidInputError when it is another kind's or another mailbox's."""
        owner, folder, key = _parts(_MAILDIR, uri, mailbox)
        return cls(owner, unquote(folder), fsdecode(unquote_to_bytes(key)))


@dataclass(frozen=True, slots=True)
class MboxUri:
    """`offset` is that of the From_ line, in bytes; `prefix` begins the message's digest."""

    mailbox: str
    offset: int
    prefix: str

    def __str__(self) -> str:
        return f"mbox://{self.mailbox}/{self.offset}-{self.prefix}"

    @classmethod
    def parse(cls, uri: str, mailbox: str) -> "MboxUri":
        """Raises InvalidInputError when it is another kind's or another mailbox's."""
        owner, offset, prefix = _parts(_MBOX, uri, mailbox)
        return cls(owner, int(offset), prefix)


@dataclass(frozen=True, slots=True)
class EmlUri:
    """`path` is relative to the source's directory, with `/`."""

    mailbox: str
    path: str

    def __str__(self) -> str:
        return f"eml://{self.mailbox}/{self.encoded_path}"

    @property
    def encoded_path(self) -> str:
        """Pure ASCII whatever bytes the file name holds."""
        return quote_from_bytes(fsencode(self.path), safe="/")

    @classmethod
    def parse(cls, uri: str, mailbox: str) -> "EmlUri":
        """Raises InvalidInputError when it is another kind's or another mailbox's."""
        owner, path = _parts(_EML, uri, mailbox)
        return cls(owner, fsdecode(unquote_to_bytes(path)))


@dataclass(frozen=True, slots=True)
class Pop3Uri:
    """`key` is made of the message's size and unique id."""

    mailbox: str
    key: str

    def __str__(self) -> str:
        return f"pop3://{self.mailbox}/{quote(self.key, safe='')}"

    @classmethod
    def parse(cls, uri: str, mailbox: str) -> "Pop3Uri":
        """Raises InvalidInputError when it is another kind's or another mailbox's."""
        owner, key = _parts(_POP3, uri, mailbox)
        return cls(owner, unquote(key))


def folder_of(uri: str) -> str | None:
    """The folder that a uri names; None: its kind has none."""
    found = _IMAP.fullmatch(uri) or _MAILDIR.fullmatch(uri)
    return unquote(found.group(2)) if found else None


def same_folder(one: str, other: str) -> bool:
    """INBOX is the same in any case (RFC 3501 §5.1)."""
    return one == other or one.upper() == other.upper() == "INBOX"


def _parts(form: re.Pattern[str], uri: str, mailbox: str) -> tuple[str, ...]:
    found = form.fullmatch(uri)
    if found is None or found.group(1) != mailbox:
        raise InvalidInputError(
            f"{uri[:300]!r} does not name a message of mailbox {mailbox!r}; "
            "was the mailbox's source changed to another kind since the mail was read?",
            code="foreign-uri",
        )
    return found.groups()
