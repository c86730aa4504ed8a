"""One task for each mailbox: started, stopped and restarted as the mailboxes in force change."""

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from connectors.mailbox.port import MailboxConnection
from schemas.mailbox import Mailbox
from services.ingest.reader import MailboxReader, Reading

log = logging.getLogger(__name__)
Opener = Callable[[Mailbox], MailboxConnection]
STOP_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class _Running:
    """A reader, and under which fence it was begun."""

    mailbox: Mailbox
    fence: int | None
    task: asyncio.Task[None]


class Fleet:
    """The running readers. Only a change of source, own addresses or lease restarts one: switches and names are the
    evaluator's business. `stop_seconds`: how long one that is stopped is waited for."""

    def __init__(self, open_mailbox: Opener, reading: Reading, stop_seconds: float = STOP_SECONDS) -> None:
        self._open = open_mailbox
        self._reading = reading
        self._stop_seconds = stop_seconds
        self._running: dict[str, _Running] = {}
        self._closing: set[asyncio.Task[None]] = set()

    async def apply(self, wanted: Mapping[str, Mailbox], fences: Mapping[str, int] = MappingProxyType({})) -> None:
        """Read exactly these mailboxes from now on, each under its fence."""
        ended = [
            key
            for key, running in self._running.items()
            if key not in wanted or _read(wanted[key]) != _read(running.mailbox) or running.fence != fences.get(key)
        ]
        await self._stop(ended)
        for key, mailbox in wanted.items():
            if key not in self._running:
                self._start(mailbox, fences.get(key))

    async def close(self) -> None:
        """Stop them all, at the same time."""
        await self._stop(list(self._running))

    def _start(self, mailbox: Mailbox, fence: int | None) -> None:
        self._reading.board.add(mailbox.id)
        reader = MailboxReader(mailbox, self._open(mailbox), self._reading)
        task = asyncio.get_running_loop().create_task(reader.run(), name=f"mailbox {mailbox.id}")
        self._running[mailbox.id] = _Running(mailbox, fence, task)
        log.info("reading a mailbox", extra={"mailbox": mailbox.id, "kind": mailbox.source.kind})

    async def _stop(self, keys: Iterable[str]) -> None:
        """A reader that was cancelled reads and records nothing more, but its server may be slow to say goodbye."""
        stopped = {key: self._running.pop(key).task for key in keys}
        if not stopped:
            return
        for task in stopped.values():
            task.cancel()
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)
        await asyncio.wait(stopped.values(), timeout=self._stop_seconds)
        for key, task in stopped.items():
            if task.done() and not task.cancelled() and (error := task.exception()) is not None:
                log.error("a mailbox's reader ended badly", extra={"mailbox": key}, exc_info=error)
            self._reading.board.remove(key)
            log.info("stopped reading a mailbox", extra={"mailbox": key, "closed": task.done()})


def _read(mailbox: Mailbox) -> tuple[object, ...]:
    """What a reader has of it."""
    return mailbox.source, mailbox.own_addresses
