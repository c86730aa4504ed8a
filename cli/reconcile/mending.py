"""Having what is missing published again, with the same bytes: ids and claims see to it that nothing is done twice."""

from collections.abc import Sequence
from uuid import UUID

from cli.reconcile.gaps import Gap
from runtime.postgres import Database
from schemas.ids import FACTS, LIVE
from services.actions.store import PostgresStore
from services.ingest.store import publish_again
from services.ingest.waiting import publish_requests_again

AT_ONCE = 500


class Mending:
    """Takes gaps as they are found, and mends those that can be, some hundred at once."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: list[Gap] = []
        self.mended = 0

    async def take(self, gap: Gap) -> None:
        """One more."""
        if _can_be(gap):
            self._waiting.append(gap)
        if len(self._waiting) >= AT_ONCE:
            await self.finish()

    async def finish(self) -> None:
        """Mend those that wait."""
        gaps, self._waiting = self._waiting, []
        if live := _events([gap for gap in gaps if gap.kind != "not-logged" and gap.run == LIVE]):
            await publish_again(self._database, live)
        if late := _events([gap for gap in gaps if gap.kind != "not-logged" and gap.run.startswith(FACTS)]):
            await publish_requests_again(self._database, late)
        if commands := [gap.command for gap in gaps if gap.kind == "not-logged" and gap.command is not None]:
            await PostgresStore(self._database).publish_again(commands)
        self.mended += len(gaps)


def _can_be(gap: Gap) -> bool:
    if gap.kind == "not-logged":
        return True
    return gap.kind in ("undecided", "not-taken-up") and (gap.run == LIVE or gap.run.startswith(FACTS))


def _events(gaps: Sequence[Gap]) -> list[UUID]:
    return sorted({gap.event for gap in gaps if gap.event is not None})
