"""The log as batches are written to it: the months that they need get their partitions first."""

from collections.abc import Sequence

from services.audit.entry import Entry, Kind
from services.audit.handlers import Log
from services.audit.months import month_of
from services.audit.partitions import PartitionKeeper


class PartitionedLog:
    """See handlers.Log. A month that cannot be made does not stop a batch: the default partition takes its rows."""

    def __init__(self, log: Log, keeper: PartitionKeeper) -> None:
        self._log = log
        self._keeper = keeper

    async def write(self, entries: Sequence[Entry]) -> dict[Kind, int]:
        """Make what is missing, then write."""
        await self._keeper.ensure({month_of(entry.run_at) for entry in entries})
        return await self._log.write(entries)
