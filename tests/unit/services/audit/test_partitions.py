from datetime import date

from runtime.clock import FakeClock
from services.audit.partitions import RETRY_SECONDS, PartitionKeeper
from tests.unit.services.audit.fakes import FakeLog

JANUARY, FEBRUARY = date(2026, 1, 1), date(2026, 2, 1)


async def test_a_month_is_made_once() -> None:
    log = FakeLog()
    keeper = PartitionKeeper(log, FakeClock(), 1)
    await keeper.ensure([FEBRUARY, JANUARY])
    await keeper.ensure([JANUARY])
    assert log.made == [JANUARY, FEBRUARY]
    keeper.forget()
    await keeper.ensure([JANUARY])
    assert log.made == [JANUARY, FEBRUARY, JANUARY]


async def test_an_implausible_month_is_not_made() -> None:
    log = FakeLog()
    await PartitionKeeper(log, FakeClock(), 1).ensure([date(1970, 1, 1), date(3000, 1, 1)])
    assert log.made == []


async def test_a_failure_is_not_repeated_at_once() -> None:
    log, clock = FakeLog(failures=1), FakeClock()
    keeper = PartitionKeeper(log, clock, 1)
    await keeper.ensure([JANUARY])
    await keeper.ensure([JANUARY])
    assert log.made == []
    clock.advance(RETRY_SECONDS)
    await keeper.ensure([JANUARY])
    assert log.made == [JANUARY]


async def test_the_months_ahead() -> None:
    log = FakeLog()
    await PartitionKeeper(log, FakeClock(), 1).ensure_ahead()
    assert log.made == [JANUARY, FEBRUARY]
