"""A call reaches one process; another may hold the mailbox's lease. So each call is passed on through Postgres."""

import asyncio
import logging
from collections.abc import Collection
from typing import Final

from runtime.errors import MaildeskError
from runtime.postgres import Database
from runtime.service import Process
from services.ingest.hook.calls import Calls

log = logging.getLogger(__name__)
CHANNEL: Final = "maildesk_ingest_hook"
APART: Final = 1.0
"""Seconds between two rounds: a mailbox is passed on once in each at most, however often it is called."""


class Spread:
    """Takes the calls of this process and hears those of all, itself included."""

    def __init__(self, database: Database, calls: Calls) -> None:
        self._database = database
        self._calls = calls
        self._called: set[str] = set()
        self._any = asyncio.Event()

    def call(self, mailboxes: Collection[str]) -> None:
        """Look at them here at once, and elsewhere soon. Takes no more memory than there are mailboxes."""
        self._calls.call(mailboxes)
        self._called.update(mailboxes)
        self._any.set()

    async def pass_on(self, process: Process) -> None:
        """Until the process is asked to stop. What Postgres does not take is dropped: the next look comes anyway."""
        while not process.stopping.is_set():
            await self._any.wait()
            self._any.clear()
            called, self._called = sorted(self._called), set()
            try:
                await self._database.notify(CHANNEL, called)
            except MaildeskError as error:
                log.warning("a call of Odoo was not passed on", extra={"code": error.code, "detail": error.text})
            await process.pause(APART)

    async def listen(self, process: Process) -> None:
        """Until the process is asked to stop; when the connection breaks, again on a new one."""
        failures = 0
        while not process.stopping.is_set():
            try:
                await self._database.listen(CHANNEL, lambda mailbox: self._calls.call([mailbox]))
            except MaildeskError as error:
                failures += 1
                log.warning(
                    "calls of Odoo that other processes get are not heard",
                    extra={"code": error.code, "detail": error.text, "try": failures},
                )
                await process.pause(process.backoff.delay(min(failures, 5)))
