"""What MailDesk needs of a mailbox, whichever kind it is. Every kind, the fake too, passes one conformance suite."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from connectors.mailbox.changes import Change, Changed
from connectors.mailbox.hosted import Hosted
from connectors.mailbox.news import News
from runtime.errors import MaildeskError, PermanentError


@dataclass(frozen=True, slots=True)
class Position:
    """Where a message lies in its source. The triple identifies it as long as the source keeps its promise.

    IMAP: folder name, UIDVALIDITY, UID (RFC 3501 §2.3.1.1). Files: folder, "", and a path or offset, in plain files
    with the beginning of the digest, so that other content in the same place is another message.
    """

    folder: str
    uidvalidity: str
    uid: str


@dataclass(frozen=True, slots=True)
class Fetched:
    """One message as the source gave it. `raw` is whole unless `size` is above the reader's limit: then it is cut."""

    position: Position
    uri: str
    raw: bytes
    size: int
    internal_date: datetime | None
    flags: tuple[str, ...] = ()
    hosted: Hosted | None = None
    """What is known of one that is another system's record; `raw` is made from it."""
    provider_thread: str = ""
    """The thread that the mail's provider counts it to, by a name that is the provider's; empty: it tells none."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A message that the source lists but cannot give; the next one goes on."""

    position: Position
    uri: str
    reason: str


@dataclass(frozen=True, slots=True)
class Batch:
    """Messages read together (about 50, and bounded in bytes) and the cursor that is true once they are handled.

    `ahead`: how many messages the scan has found that come after these; None: it does not know."""

    messages: tuple[Fetched | Unreadable, ...]
    cursor: str
    ahead: int | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """A message that a folder lists. `before`: a cursor after which a scan gives it; None: one from the beginning."""

    position: Position
    before: str | None = None


@dataclass(frozen=True, slots=True)
class Reference:
    """How to find a message again: where it was, and how to be sure that it is the same one."""

    uri: str
    digest: str
    header_digest: str
    size: int
    message_id: str | None


class MessageGoneError(PermanentError):
    """The message is neither where it was nor found by its Message-ID."""

    default_code = "message-gone"


class FolderMissingError(PermanentError):
    """The folder does not exist in the account; it is never created."""

    default_code = "folder-missing"


class UnsupportedError(PermanentError):
    """This kind of mailbox, or this server, cannot do that; the text says what it lacks."""

    default_code = "unsupported"


class ReadOnlyError(PermanentError):
    """The source (an mbox file, .eml files, POP3) cannot be changed, or has no such thing (Odoo: folders)."""

    default_code = "read-only"


class MailboxConnection(Protocol):
    """A mailbox that is open. All methods are safe to repeat; reading never changes the mailbox (no \\Seen).

    Raises TargetDownError when the account cannot be reached or refuses the login, and the errors above.
    """

    async def folders(self) -> list[str]:
        """Names of the folders that can hold messages."""

    def scan(self, folder: str, cursor: str | None) -> AsyncIterator[Batch]:
        """Read what came after `cursor` (None: everything), oldest first, in bounded batches, then end."""

    def places(self, folder: str, since: date | None = None) -> AsyncIterator[list[Place]]:
        """Where every message of a folder lies, in the order of `scan` and in pages; plain files are read for it.

        `since`: at least those that arrived on that day or later. Raises FolderMissingError.
        """

    async def wait(self, folders: Sequence[str], seconds: float) -> News:
        """Wait until the source tells that one of `folders` has what its last scan did not, at most `seconds`.

        The most important folder comes first; a source may tell of that one only, or of none (UNTOLD, at once). QUIET
        may come sooner than `seconds`, where the source vouches for less. Any other call ends it. Never raises; a
        cancelled wait leaves nothing behind.
        """

    async def read(self, uri: str) -> bytes:
        """The raw message behind a uri of this mailbox. Raises MessageGoneError."""

    async def locate(self, reference: Reference) -> str:
        """The uri where the message is now: the reference's own, verified by digest, else a search by Message-ID.

        Raises MessageGoneError.
        """

    async def change_tags(self, uri: str, add: tuple[str, ...], remove: tuple[str, ...]) -> Changed:
        """Set and clear tags, kept as keywords (connectors/mailbox/keywords.py)."""

    async def set_starred(self, uri: str, starred: bool) -> Changed:
        """Set or clear \\Flagged."""

    async def set_seen(self, uri: str, seen: bool) -> Changed:
        """Set or clear \\Seen."""

    async def move(self, reference: Reference, uri: str, folder: str) -> str:
        """Move the message at `uri` to an existing folder and return its new uri; in the folder already: that uri."""

    async def locate_many(self, references: Sequence[Reference]) -> list[str | MaildeskError]:
        """`locate` for each, in order, with as few commands as can be. What concerns one only is its own answer."""

    async def change_many(
        self, change: Change, places: Sequence[tuple[Reference, str]]
    ) -> list[Changed | MaildeskError]:
        """The same change for the messages at these uris, in as few commands as can be; one answer for each, in order,
        as it would have alone. At most about 50, none twice."""

    async def find_copy(self, folder: str, message_id: str) -> str | None:
        """The uri of the message with that Message-ID in the folder; None: there is none. Raises FolderMissingError."""

    async def append(self, folder: str, raw: bytes, message_id: str) -> str:
        """Put a message that we sent into an existing folder, read (\\Seen), unless it is there; returns its uri.

        `message_id` is the message's own. Raises FolderMissingError, and OutcomeUnknownError where it may be there
        now: calling again is safe.
        """

    async def close(self) -> None:
        """Release sockets and locks. Never raises."""
