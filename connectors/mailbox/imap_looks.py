"""Which messages of a folder are new, and what was seen of it the last time, so that a quiet folder costs one command.

Opening a folder (EXAMINE) makes some servers go through it: measured 0.7 s for 20,000 messages in a Maildir under
Dovecot, where STATUS takes half a millisecond. So it is opened when something is new, and now and then.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from connectors.mailbox.imap_fetch import PAGE, new_uids
from connectors.mailbox.imap_session import ImapSession, Selected
from connectors.mailbox.imap_status import Status, status

OPEN_EVERY: Final = 600.0
"""Seconds after which a folder is opened although STATUS says that nothing is new: some servers' STATUS is a copy."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A folder at its last listing. `last`: the highest UID that was listed; `opened`: when it was opened."""

    uidvalidity: int
    uidnext: int | None
    last: int
    opened: float


class Looks:
    """Remembers each folder's last listing; of one mailbox, for as long as it is open."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._seen: dict[str, Seen] = {}

    def known(self, folder: str) -> bool:
        """Whether the folder was listed."""
        return folder in self._seen

    def new(self, session: ImapSession, folder: str, cursor: str | None) -> tuple[int, list[int]]:
        """UIDVALIDITY, and the UIDs after the cursor. Raises FolderMissingError."""
        try:
            return self._new(session, folder, cursor)
        except BaseException:
            self._seen.pop(folder, None)
            raise

    def differs(self, session: ImapSession, folder: str) -> bool:
        """Whether the folder has something that its last listing had not, as far as STATUS tells."""
        told = _ask(session, folder)
        return told is not None and self.differs_from(folder, told.uidvalidity, told.uidnext)

    def differs_from(self, folder: str, uidvalidity: int, uidnext: int | None) -> bool:
        """Whether these are other numbers than those of its last listing."""
        seen = self._seen[folder]
        return None not in (seen.uidnext, uidnext) and _numbers(seen) != (uidvalidity, uidnext)

    def _new(self, session: ImapSession, folder: str, cursor: str | None) -> tuple[int, list[int]]:
        seen, now = self._seen.get(folder), self._now()
        told = None if seen is not None and now - seen.opened >= OPEN_EVERY else _ask(session, folder)
        opened = seen.opened if seen is not None else now
        if told is not None:
            after = _after(cursor, told.uidvalidity)
            if _is_quiet(told, seen, after):
                self._seen[folder] = Seen(told.uidvalidity, told.uidnext, after, opened)
                return told.uidvalidity, []
            selected = _as_it_is_open(session, folder, told, after)
        else:
            selected = None
        if selected is None:
            selected, opened = session.select(folder, reopen=True), now
        after = _after(cursor, selected.uidvalidity)
        uids = new_uids(session, selected, after)
        last = uids[-1] if uids else after
        uidnext = None if selected.uidnext is None else max(selected.uidnext, last + 1)
        self._seen[folder] = Seen(selected.uidvalidity, uidnext, last, opened)
        return selected.uidvalidity, uids


def _after(cursor: str | None, uidvalidity: int) -> int:
    """The last UID that was handled; a changed UIDVALIDITY starts again from the beginning."""
    known, _, last = (cursor or "").partition(":")
    return int(last) if known == str(uidvalidity) and last.isdigit() else 0


def _is_quiet(told: Status, seen: Seen | None, after: int) -> bool:
    if told.uidnext <= after + 1:
        return True
    return seen is not None and _numbers(seen) == (told.uidvalidity, told.uidnext) and after >= seen.last


def _ask(session: ImapSession, folder: str) -> Status | None:
    """Of a selected folder a server may tell what it was the last time that the client was told (§6.3.10), Dovecot also
    when another folder has its name by now. INBOX cannot be deleted (§6.3.4), and stays open for IDLE."""
    if session.is_open(folder):
        if folder.upper() == "INBOX":
            session.select(folder)
        elif not session.unselect():
            return None
    return status(session, folder)


def _as_it_is_open(session: ImapSession, folder: str, told: Status, after: int) -> Selected | None:
    """The open folder with its numbers of now; None: it has to be opened."""
    if not session.is_open(folder) or told.uidnext - after > PAGE:
        return None
    return replace(session.select(folder, sync=False), exists=told.messages, uidnext=told.uidnext)


def _numbers(seen: Seen) -> tuple[int, int | None]:
    return seen.uidvalidity, seen.uidnext
