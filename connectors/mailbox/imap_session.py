"""One blocking IMAP connection: connect, log in, select, and what to think of each way it can fail.

Only one thread at a time may use it. Driver errors are translated here and nowhere else.
"""

import contextlib
import logging
import re
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import IMAPClientAbortError, IMAPClientError, ProtocolError

from connectors.mailbox.imap_idle import Idle, Word
from connectors.mailbox.imap_login import log_in, open_socket
from connectors.mailbox.limits import Timeouts
from connectors.mailbox.logins import LOGINS
from connectors.mailbox.port import FolderMissingError
from connectors.oauth.tokens import TokenSource
from runtime.errors import OutcomeUnknownError, PermanentError, TargetDownError, TransientError
from schemas.mailbox import ImapSource

T = TypeVar("T")

NAMED_FOLDERS: Final = 20
"""Folders of the account that an error text lists."""

DROPPED: Final = (IMAPClientAbortError, ProtocolError, OSError)
"""After these the connection is of no use (a time-out leaves half an answer in it)."""

_ANSWERED = re.compile(r"failed: |command error: BAD")


@dataclass(frozen=True, slots=True)
class Account:
    """Which account, and what opening it needs. `password` is read at each login, so a changed one is seen; with
    `tokens` it is not asked for."""

    mailbox: str
    source: ImapSource
    password: Callable[[], str]
    timeouts: Timeouts
    ssl_context: ssl.SSLContext | None = None
    tokens: TokenSource | None = None


@dataclass(frozen=True, slots=True)
class Selected:
    """What SELECT or EXAMINE told (RFC 3501 §6.3.1). `permanent` None: the server did not say, so all flags are."""

    folder: str
    writable: bool
    uidvalidity: int
    uidnext: int | None
    exists: int
    permanent: tuple[str, ...] | None


class ImapSession:
    """Hand `perform` a function of this session; it may be called twice, so it must be safe to repeat."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self._client: Any = None
        self._selected: Selected | None = None
        self._changing = False
        self.idling: Idle | None = None
        """the IDLE that is on; the next command ends it"""
        self.notifies: tuple[str, ...] | None = ()
        """the folders that this connection is told of by NOTIFY; None: the server refused"""
        # imapclient logs every line of the dialogue at DEBUG, that is mail content.
        logging.getLogger("imapclient").setLevel(logging.INFO)

    @property
    def client(self) -> Any:
        """The logged-in imapclient."""
        if self._client is None:
            self._connect()
        return self._client

    def perform(self, work: Callable[["ImapSession"], T]) -> T:
        """Run `work`. If a connection from an earlier call has died meanwhile, connect again and run it once more,
        unless a change was already sent.

        Raises TargetDownError when nothing was sent, OutcomeUnknownError when a change was.
        """
        reused = self._client is not None
        try:
            return self._attempt(work)
        except TargetDownError as error:
            if not reused or error.code != "imap-connection":
                raise
        return self._attempt(work)

    def _attempt(self, work: Callable[["ImapSession"], T]) -> T:
        self._changing = False
        try:
            self._end_idle()
            return work(self)
        except DROPPED as error:
            self.drop()
            text = f"the connection to {self.place} broke: {error}"
            if self._changing:
                raise OutcomeUnknownError(f"{text} (after a change was sent)", code="imap-connection") from error
            raise TargetDownError(text, code="imap-connection") from error
        except IMAPClientError as error:
            raise self.refused(error) from error

    def heard(self) -> Word:
        """What the server said in this IDLE. Raises TargetDownError."""
        try:
            return self.idling.heard() if self.idling is not None else Word.NOTHING
        except DROPPED as error:
            self.drop()
            raise TargetDownError(f"the connection to {self.place} broke: {error}", code="imap-connection") from error

    def _end_idle(self) -> None:
        idle, self.idling = self.idling, None
        if idle is not None:
            idle.end()

    def changing(self) -> None:
        """Say that the next command changes something: from here on a break leaves the outcome unknown."""
        self._changing = True

    @property
    def place(self) -> str:
        """Host, port and mailbox, for texts."""
        source = self.account.source
        return f"IMAP server {source.host}:{source.port} (mailbox {self.account.mailbox})"

    def supports(self, capability: str) -> bool:
        """Whether the server offers it to this user."""
        return bool(self.client.has_capability(capability))

    def folders(self) -> list[str]:
        """Selectable folders, sorted, INBOX first."""
        listed = self.client.list_folders()
        names = {n for flags, _, n in listed if not {b"\\noselect", b"\\nonexistent"} & {f.lower() for f in flags}}
        return sorted(names, key=lambda name: (name.upper() != "INBOX", name))

    def select(self, folder: str, *, writable: bool = False, reopen: bool = False, sync: bool = True) -> Selected:
        """EXAMINE (which never sets \\Seen or \\Recent) or SELECT; a folder that is open already stays open.

        It is told of new mail by a NOOP then (`sync`), which is much cheaper for the server. `reopen` gets counts
        and a UIDVALIDITY that are true now. Raises FolderMissingError.
        """
        current = self._selected
        if current and current.folder == folder and current.writable >= writable and not reopen:
            if sync:
                self.client.noop()
            return current
        self._selected = None
        client = self.client
        try:
            told = client.select_folder(folder, readonly=not writable)
        except DROPPED:
            raise
        except IMAPClientError as error:
            self.require_folder(folder)
            raise self.refused(error) from error
        permanent = told.get(b"PERMANENTFLAGS")
        self._selected = Selected(
            folder=folder,
            writable=writable,
            uidvalidity=int(told.get(b"UIDVALIDITY", 0)),
            uidnext=told.get(b"UIDNEXT"),
            exists=int(told.get(b"EXISTS", 0)),
            permanent=None if permanent is None else tuple(f.decode("latin-1") for f in permanent),
        )
        return self._selected

    def is_open(self, folder: str) -> bool:
        """Whether that folder is selected."""
        return self._selected is not None and self._selected.folder == folder

    def unselect(self) -> bool:
        """Leave the selected folder as it is (RFC 3691); whether the server can."""
        if self._selected is not None:
            if not self.supports("UNSELECT"):
                return False
            self._selected = None
            self.client.unselect_folder()
        return True

    def require_folder(self, folder: str) -> None:
        """Raises FolderMissingError, naming the folders that there are."""
        names = self.folders()
        if folder in names or folder.upper() == "INBOX":
            return
        shown = ", ".join(names[:NAMED_FOLDERS]) + (", …" if len(names) > NAMED_FOLDERS else "")
        raise FolderMissingError(
            f"mailbox {self.account.mailbox} has no folder {folder!r}; it has: {shown}. "
            "Create the folder in a mail program or name another one"
        )

    def refused(self, error: IMAPClientError) -> TransientError | PermanentError:
        """Translate a NO or BAD, by its response code (RFC 5530)."""
        text = str(error)
        if not _ANSWERED.search(text):
            self.drop()  # the answer was not read to its end
            return TransientError(f"{self.place} answered what cannot be read: {text[:300]}", code="imap-protocol")
        said = f"{self.place} refused: {text[:300]}"
        if "command error: BAD" in text:
            return PermanentError(said, code="imap-bad-command")
        if re.search(r"\[(NOPERM|CANNOT|ALREADYEXISTS|NONEXISTENT)\]", text):
            return PermanentError(said, code="imap-refused")
        return TransientError(said, code="imap-refused")

    def response_code(self, name: str) -> bytes | None:
        """The last untagged or tagged response code of that name (for example COPYUID), once."""
        codes = self.response_codes(name)
        return codes[-1] if codes else None

    def response_codes(self, name: str) -> list[bytes]:
        """All of that name since they were asked for the last time."""
        data = self.client._imap.response(name)[1]  # noqa: SLF001 - imapclient has no public way to COPYUID
        return [bytes(each) for each in data or () if each is not None]

    def drop(self) -> None:
        """Forget the connection without a word to the server."""
        client, self._client, self._selected = self._client, None, None
        self.idling, self.notifies = None, ()
        if client is not None:
            with contextlib.suppress(Exception):
                client.shutdown()

    def close(self) -> None:
        """LOGOUT, waiting at most two seconds. Never raises."""
        if self._client is not None:
            with contextlib.suppress(Exception):
                self._client.socket().settimeout(2.0)
                if self.idling is not None:
                    self._client._imap.send(b"DONE\r\n")  # noqa: SLF001 - its answer comes with LOGOUT's
                self._client.logout()
            self.drop()

    def _connect(self) -> None:
        with LOGINS.turn(self.account.source.host, self.account.source.port):
            self._log_in()

    def _log_in(self) -> None:
        timeouts = self.account.timeouts
        client: IMAPClient = open_socket(self.account, SocketTimeout(timeouts.connect, timeouts.read), self.place)
        try:
            log_in(client, self.account, self.place)
        except BaseException:
            with contextlib.suppress(Exception):
                client.shutdown()
            raise
        client.normalise_times = False
        self._client = client
