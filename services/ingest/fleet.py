"""One task for each mailbox: started, stopped and restarted as the mailboxes in force change."""

import asyncio
import logging
from collections.abc import Callable, Mapping

from connectors.mailbox.port import MailboxConnection
from schemas.mailbox import Mailbox
from services.ingest.reader import MailboxReader, Reading

log = logging.getLogger(__name__)
Opener = Callable[[Mailbox], MailboxConnection]


class Fleet:
    """The running readers. Only a change of source restarts one: switches and names are the evaluator's business."""

    def __init__(self, open_mailbox: Opener, reading: Reading) -> None:
        self._open = open_mailbox
        self._reading = reading
        self._running: dict[str, tuple[Mailbox, asyncio.Task[None]]] = {}

    async def apply(self, wanted: Mapping[str, Mailbox]) -> None:
        """Read exactly these mailboxes from now on."""
        for key, (mailbox, _) in list(self._running.items()):
            if key not in wanted or wanted[key].source != mailbox.source:
                await self._stop(key)
        for key, mailbox in wanted.items():
            if key not in self._running:
                self._start(mailbox)

    async def close(self) -> None:
        """Stop them all, at the same time."""
        await asyncio.gather(*(self._stop(key) for key in list(self._running)))

    def _start(self, mailbox: Mailbox) -> None:
        self._reading.board.add(mailbox.id)
        reader = MailboxReader(mailbox, self._open(mailbox), self._reading)
        task = asyncio.get_running_loop().create_task(reader.run(), name=f"mailbox {mailbox.id}")
        self._running[mailbox.id] = (mailbox, task)
        log.info("reading a mailbox", extra={"mailbox": mailbox.id, "kind": mailbox.source.kind})

    async def _stop(self, key: str) -> None:
        _, task = self._running.pop(key)
        task.cancel()
        await asyncio.wait({task})
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("a mailbox's reader ended badly", extra={"mailbox": key}, exc_info=error)
        self._reading.board.remove(key)
        log.info("stopped reading a mailbox", extra={"mailbox": key})
