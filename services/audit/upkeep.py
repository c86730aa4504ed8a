"""Once an hour: partitions for the months to come, the end of those beyond retention, and how links are made."""

import asyncio
import logging

from prometheus_client import Gauge

from runtime.errors import MaildeskError
from runtime.service import Process
from services.audit.months import month_of, shift
from services.audit.partitions import PartitionKeeper
from services.audit.settings import AuditSettings
from services.audit.store import AuditStore

log = logging.getLogger(__name__)
INTERVAL_SECONDS = 3600.0


class Upkeep:
    """Looks after the partitions as long as the process lives."""

    def __init__(
        self, store: AuditStore, keeper: PartitionKeeper, settings: AuditSettings, default_rows: Gauge
    ) -> None:
        self._store = store
        self._keeper = keeper
        self._settings = settings
        self._default_rows = default_rows

    async def run(self, process: Process) -> None:
        """Until the process is asked to stop. Failures are logged; the next hour tries again."""
        while True:
            try:
                await self.once(process)
            except MaildeskError as error:
                log.warning("upkeep failed", extra={"code": error.code, "detail": error.text})
            if await process.pause(INTERVAL_SECONDS):
                raise asyncio.CancelledError

    async def once(self, process: Process) -> None:
        """Raises MaildeskError when Postgres cannot be used."""
        if kept := self._settings.audit_retention_months:
            before = shift(month_of(process.clock.now()), -kept)
            if dropped := await self._store.drop_months(before):
                self._keeper.forget()
                log.info("dropped partitions", extra={"tables": dropped})
        await self._keeper.ensure_ahead()
        await self._store.set_links(self._settings.audit_mail_url, self._settings.audit_trace_url)
        self._default_rows.set(await self._store.default_rows())
