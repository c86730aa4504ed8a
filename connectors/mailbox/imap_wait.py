"""Waiting for an IMAP server's word. While it is silent the event loop watches the socket, and no thread is held.

One connection: by NOTIFY (RFC 5465) all folders, else by IDLE (RFC 2177) the first, the others at short intervals.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from typing import Final

from connectors.mailbox.imap_idle import Idle, Word
from connectors.mailbox.imap_looks import Looks
from connectors.mailbox.imap_notify import watched_folders
from connectors.mailbox.imap_session import ImapSession
from connectors.mailbox.news import News
from connectors.mailbox.serial import SerialThread
from runtime.errors import MaildeskError

RENEW: Final = 1_200.0
"""Seconds of one IDLE at most: servers may log out who idles for 30 minutes (RFC 2177 §3)."""
UNWATCHED: Final = 15.0
"""Seconds of one IDLE at most where some folders are not watched by it."""
BREATH: Final = 0.05
"""Seconds before a server that woke us with what is no news may do so again; more and more of them, up to:"""
LONGEST_BREATH: Final = 2.0


@dataclass(frozen=True, slots=True)
class Begun:
    """An IDLE: the socket to watch, how many seconds to trust it, and what was said with its beginning."""

    fileno: int
    longest: float
    word: Word


class ImapWait:
    """Waits on one session. `end` is called by whoever wants to use the session."""

    def __init__(self, thread: SerialThread, session: ImapSession, looks: Looks) -> None:
        self._thread = thread
        self._session = session
        self._looks = looks
        self._listening: tuple[int, asyncio.Future[bool]] | None = None

    async def news(self, folders: Sequence[str], seconds: float) -> News:
        """See MailboxConnection.wait."""
        end = asyncio.get_running_loop().time() + seconds
        for vain in count():
            try:
                begun = await self._thread.run(self._session.perform, lambda s: _begin(s, folders, self._looks))
                heard = begun if isinstance(begun, News) else await self._listen(begun, end)
            except MaildeskError:
                return News.UNTOLD
            if heard is not None:
                return heard
            await asyncio.sleep(min(BREATH * 2.0 ** min(vain, 10), LONGEST_BREATH))
        raise AssertionError("a wait ends")

    def end(self) -> None:
        """Stop watching the socket, at once."""
        if self._listening is None:
            return
        (fileno, heard), self._listening = self._listening, None
        heard.get_loop().remove_reader(fileno)
        if not heard.done():
            heard.set_result(False)

    async def _listen(self, begun: Begun, end: float) -> News | None:
        """None: how a folder stands was told, and its numbers have to be compared."""
        loop = asyncio.get_running_loop()
        end = min(end, loop.time() + begun.longest)
        word = begun.word
        while (left := end - loop.time()) > 0 and self._session.idling:
            if word is not Word.NOTHING:
                return News.TOLD if word is Word.NEW else None
            if not await self._woken(begun.fileno, left):
                break
            word = await self._thread.run(self._session.heard)
            if word is Word.NOTHING:
                await asyncio.sleep(BREATH)
        return News.QUIET

    async def _woken(self, fileno: int, seconds: float) -> bool:
        """Whether there is something to read within so many seconds."""
        loop = asyncio.get_running_loop()
        heard: asyncio.Future[bool] = loop.create_future()
        self._listening = (fileno, heard)
        loop.add_reader(fileno, _set, heard)
        try:
            async with asyncio.timeout(seconds):
                return await heard
        except TimeoutError:
            return False
        finally:
            self.end()


def _set(heard: asyncio.Future[bool]) -> None:
    if not heard.done():
        heard.set_result(True)


def _begin(session: ImapSession, folders: Sequence[str], looks: Looks) -> Begun | News:
    """What came since the last scan is told here, what comes from now on by IDLE."""
    listed = [folder for folder in folders if looks.known(folder)]
    if not listed or not session.supports("IDLE"):
        return News.UNTOLD
    watched = watched_folders(session, listed)
    if any(looks.differs(session, folder) for folder in listed):
        return News.TOLD
    if not session.is_open(listed[0]):
        selected = session.select(listed[0])
        if looks.differs_from(listed[0], selected.uidvalidity, selected.uidnext):
            return News.TOLD
    idle = Idle(session.client, session.account.timeouts.read)
    if not idle.begin():
        return News.UNTOLD
    session.idling = idle
    longest = RENEW if watched.issuperset(listed) else UNWATCHED
    return Begun(session.client.socket().fileno(), longest, idle.heard())
