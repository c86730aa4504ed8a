"""Each test runs on the fake and on Postgres."""

from dataclasses import dataclass

import pytest

from runtime.clock import FakeClock, SystemClock
from runtime.migrations import migrate
from runtime.postgres import Database
from services.actions.memory import MemoryStore
from services.actions.port import Store
from services.actions.store import PostgresStore


@dataclass
class Site:
    """A storage and the way to let its time pass."""

    store: Store
    clock: FakeClock | SystemClock

    async def pass_time(self, seconds: float) -> None:
        """Move the storage's clock on."""
        if isinstance(self.clock, FakeClock):
            self.clock.advance(seconds)
        else:
            await self.clock.sleep(seconds)


@pytest.fixture
async def fake() -> Site:
    """In memory."""
    clock = FakeClock()
    return Site(MemoryStore(clock), clock)


@pytest.fixture
async def postgres(database: Database) -> Site:
    """The real one."""
    await migrate(database, "actions")
    return Site(PostgresStore(database), SystemClock())


@pytest.fixture(params=["fake", "postgres"])
def site(request: pytest.FixtureRequest) -> Site:
    """The storage of this round."""
    found: Site = request.getfixturevalue(request.param)
    return found
