"""Keeps this process's share: looks at the leases in time, reads what it holds, gives up what others are to read."""

import asyncio
import logging
from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from runtime.errors import MaildeskError
from runtime.service import Process
from schemas.mailbox import Mailbox
from services.ingest.metrics import LEASES, LEASES_LOST, WORKERS
from services.ingest.shards.fences import Fences
from services.ingest.shards.leases import Share
from services.ingest.status import StatusBoard

log = logging.getLogger(__name__)
LOOKS = 6
"""Looks in the time of a lease. A look, the stopping of readers and the wait between take no longer than that each."""


class Leases(Protocol):
    """What is needed of services.ingest.shards.leases.Leases."""

    async def look(self, readable: Collection[str]) -> Share:
        """Keep what is held, take what is due. Raises TransientError."""

    async def release(self, mailboxes: Sequence[str]) -> None:
        """Give these up. Raises TransientError."""

    async def leave(self) -> None:
        """Give everything up. Raises TransientError."""


class Readers(Protocol):
    """What is needed of services.ingest.fleet.Fleet."""

    async def apply(self, wanted: Mapping[str, Mailbox], fences: Mapping[str, int]) -> None:
        """Read exactly these; one whose fence is another is begun anew. Returns soon, also when one does not stop."""


class Keeper:
    """`seconds`: how long a lease lasts without a look."""

    def __init__(self, leases: Leases, readers: Readers, fences: Fences, board: StatusBoard, seconds: float) -> None:
        self._leases = leases
        self._readers = readers
        self._fences = fences
        self._board = board
        self._seconds = seconds
        self._share = Share()
        self._until = 0.0
        self._wanted: tuple[int, Mapping[str, Mailbox]] = (0, {})
        self._looked: tuple[int, Mapping[str, Mailbox]] = (0, {})
        self._changed = asyncio.Event()

    def want(self, version: int, mailboxes: Mapping[str, Mailbox]) -> None:
        """What may be read here from now on, as that version of the rules says."""
        self._wanted = version, mailboxes
        self._changed.set()

    def reads(self, mailbox: str) -> bool:
        """Whether this process reads that mailbox."""
        return mailbox in self._share.keep

    async def follow(self, process: Process) -> None:
        """Until the process is asked to stop. What fails is tried again, and ends the reading when it fails long."""
        failures = 0
        while not process.stopping.is_set():
            self._changed.clear()
            try:
                async with asyncio.timeout(self._seconds / LOOKS):
                    await self._look(process)
            except Exception as error:
                failures += 1
                self._report(process, error, failures)
                if process.clock.monotonic() > self._until - 3 * self._seconds / LOOKS:
                    await self._hold(Share(), {})
                await self._wait(process, min(process.backoff.delay(failures), self._seconds / LOOKS))
            else:
                failures = 0
                process.health.set("leases", ready=True)
                await self._serve()
                await self._wait(process, self._seconds / LOOKS)

    async def leave(self) -> None:
        """The readers have stopped: let others take over at once. Never raises."""
        try:
            async with asyncio.timeout(self._seconds):
                await self._leases.leave()
        except (MaildeskError, TimeoutError) as error:
            log.warning("the leases end by themselves", extra={"seconds": self._seconds, "error": type(error).__name__})

    async def _look(self, process: Process) -> None:
        began, wanted = process.clock.monotonic(), self._wanted
        share = await self._leases.look(wanted[1].keys())
        self._until = began + self._seconds
        if lost := self._share.held.keys() - share.held.keys() - self._share.give:
            LEASES_LOST.inc(len(lost))
            log.warning("leases were lost", extra={"mailboxes": len(lost)})
        if share.held.keys() != self._share.held.keys() or share.workers != self._share.workers:
            counts = {"holds": len(share.held), "gives": len(share.give), "workers": share.workers}
            log.info("mailboxes are shared out", extra=counts)
        self._share, self._looked = share, wanted

    async def _serve(self) -> None:
        """Read what is kept; stop the rest, and only then let others have it."""
        version, mailboxes = self._looked
        share = self._share
        await self._hold(share, mailboxes)
        if share.give:
            try:
                async with asyncio.timeout(self._seconds / LOOKS):
                    await self._leases.release(sorted(share.give))
            except (MaildeskError, TimeoutError):
                log.warning("leases could not be given up", extra={"mailboxes": len(share.give)})
            else:
                kept = {mailbox: share.held[mailbox] for mailbox in share.keep}
                self._share = Share(kept, frozenset(), share.workers)
                self._fences.hold(kept)
        self._board.version(version)
        self._tell(len(mailboxes))

    async def _hold(self, share: Share, mailboxes: Mapping[str, Mailbox]) -> None:
        self._share = share
        self._fences.hold(share.held)
        await self._readers.apply({key: mailboxes[key] for key in sorted(share.keep) if key in mailboxes}, share.held)
        self._tell(len(mailboxes))

    def _tell(self, readable: int) -> None:
        LEASES.set(len(self._share.held))
        WORKERS.set(self._share.workers)
        self._board.share(holds=len(self._share.held), readable=readable, workers=self._share.workers)

    def _report(self, process: Process, error: Exception, failures: int) -> None:
        known = isinstance(error, MaildeskError | TimeoutError)
        code = error.code if isinstance(error, MaildeskError) else "late" if known else "unexpected"
        text = error.text if isinstance(error, MaildeskError) else "the leases cannot be looked at in time; see the log"
        log.warning("leases cannot be kept", extra={"code": code, "try": failures}, exc_info=None if known else error)
        process.health.set("leases", ready=False, detail=text)

    async def _wait(self, process: Process, seconds: float) -> None:
        """Less when what is to be read changes, or the process is asked to stop."""
        waits = [asyncio.ensure_future(each.wait()) for each in (self._changed, process.stopping)]
        try:
            await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in waits:
                each.cancel()
