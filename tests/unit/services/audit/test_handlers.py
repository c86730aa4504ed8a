import pytest

from runtime.backoff import Backoff
from runtime.service import Process
from schemas.dead_letter import DeadLetter
from services.audit.handlers import BatchHandler
from services.audit.patience import Patience, SpentError
from tests.unit.services.audit.fakes import FakeLog, FakePublisher
from tests.unit.services.audit.samples import number, raw, received, result


def handler(log: FakeLog, publisher: FakePublisher, *, seconds: float = 5.0, stopping: bool = False) -> BatchHandler:
    process = Process("audit")
    if stopping:
        process.stopping.set()
    patience = Patience(process, seconds, Backoff(first=0.001, longest=0.01))
    return BatchHandler(log, publisher, patience, process.clock)


async def test_a_bad_record_becomes_a_dead_letter_and_the_rest_is_written() -> None:
    log, publisher = FakeLog(), FakePublisher()
    await handler(log, publisher).handle([received(result(1)), raw(b"no", offset=7), received(result(2))])
    assert [entry.rank for entry in log.written] == [1, 2]
    (letter,) = [DeadLetter.model_validate_json(record.value or b"") for record in publisher.sent]
    assert (letter.topic, letter.offset, letter.code, letter.value) == (
        "automation-results",
        7,
        "invalid-record",
        b"no",
    )
    assert publisher.sent[0].topic == "automation-results-dlq"


@pytest.mark.parametrize("refused", [{0}, {99}, {3, 4, 57}, set(range(100))])
async def test_halving_finds_exactly_what_is_refused(refused: set[int]) -> None:
    ids = [number(100 + n) for n in range(100)]
    unwanted = {ids[n] for n in refused}
    log, publisher = FakeLog(refuses=lambda entry: entry.row_id in unwanted), FakePublisher()
    await handler(log, publisher).handle([received(result(command_id=name), offset=n) for n, name in enumerate(ids)])
    assert [entry.row_id for entry in log.written] == [name for name in ids if name not in unwanted]
    letters = [DeadLetter.model_validate_json(record.value or b"") for record in publisher.sent]
    assert [letter.offset for letter in letters] == sorted(refused)


async def test_transient_errors_are_tried_again() -> None:
    log = FakeLog(failures=3)
    await handler(log, FakePublisher()).handle([received(result())])
    assert len(log.written) == 1


async def test_nothing_is_a_dead_letter_because_postgres_is_away() -> None:
    log, publisher = FakeLog(failures=1_000_000), FakePublisher()
    with pytest.raises(SpentError):
        await handler(log, publisher, seconds=0.05).handle([received(result())])
    assert publisher.sent == []


async def test_a_process_that_stops_does_not_wait_for_postgres() -> None:
    log = FakeLog(failures=1_000_000)
    with pytest.raises(SpentError):
        await handler(log, FakePublisher(), seconds=600, stopping=True).handle([received(result())])
    assert log.failures == 999_999
