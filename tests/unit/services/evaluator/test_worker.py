"""The loop: nothing is committed before all that follows is acknowledged, and one bad record stops nothing."""

import asyncio
import random
from collections.abc import Sequence

import pytest

from runtime.backoff import Backoff
from runtime.errors import TargetDownError, TransientError
from runtime.kafka import Outgoing, Received
from runtime.service import Process
from schemas.dead_letter import DeadLetter
from schemas.ids import command_id
from services.evaluator.handlers import Handler
from services.evaluator.rules_feed import RulesFeed
from services.evaluator.together import TOGETHER
from services.evaluator.worker import FLUSH_BYTES, Publisher, Worker
from tests.unit.services.evaluator.making import event, mailbox, rule, ruleset
from tests.unit.services.evaluator.test_builder import box, changed, closed, record

TRACE = b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


class Log:
    """A broker that notes what it is told, in order, and can be down for a while."""

    def __init__(self, failures: int = 0) -> None:
        self.sent: list[Outgoing] = []
        self.portions: list[int] = []
        self.committed = 0
        self.failures = failures

    async def send_all(self, records: Sequence[Outgoing]) -> None:
        if self.failures:
            self.failures -= 1
            raise TargetDownError("the broker is down")
        self.sent += records
        self.portions.append(len(records))

    async def poll(self, max_records: int, seconds: float) -> list[Received]:
        await asyncio.sleep(seconds if max_records else 0)
        return []

    async def commit(self) -> bool:
        self.committed += 1
        return True


def process() -> Process:
    return Process("evaluator", backoff=Backoff(first=0.001, longest=0.001, random=random.Random(1)))


class Stuck(Log):
    """A broker that takes records and never answers."""

    def __init__(self) -> None:
        super().__init__()
        self.publishing = asyncio.Event()

    async def send_all(self, records: Sequence[Outgoing]) -> None:
        assert records
        self.publishing.set()
        await asyncio.Event().wait()


def worker(log: Log, tries: int = 3, *, exported: bool = True) -> Worker:
    running = process()
    rules = ruleset([rule("r")])
    return Worker(running, log, Publisher(running, log, tries), Handler(lambda: rules, exported=exported), 10)


def carrying(offset: int, value: bytes | None = None) -> Received:
    """A mail whose record belongs to a trace."""
    return mail(offset, value)._replace(headers=(("traceparent", TRACE),))


def mail(offset: int, value: bytes | None = None) -> Received:
    return Received("mail-arrived", 0, offset, b"support/x", value or event().to_json(), (), 0)


async def test_commits_after_everything_is_acknowledged() -> None:
    log = Log(failures=2)
    await worker(log).work([mail(0), mail(1)])
    assert [each.topic for each in log.sent] == ["actions-star", "automation-decisions"] * 2
    assert (log.committed, log.portions) == (1, [4])


async def test_gives_up_without_a_commit_when_the_broker_stays_down() -> None:
    log = Log(failures=3)
    with pytest.raises(TransientError):
        await worker(log, tries=3).work([mail(0)])
    assert (log.committed, log.sent) == (0, [])


async def test_a_bad_record_becomes_a_dead_letter_and_the_next_goes_on() -> None:
    log = Log()
    await worker(log).work([mail(4, b"poison"), mail(5)])
    assert [each.topic for each in log.sent] == ["mail-arrived-dlq", "actions-star", "automation-decisions"]
    letter = DeadLetter.model_validate_json(log.sent[0].value or b"")
    assert (letter.id, letter.offset, letter.value, letter.service) == ("mail-arrived/0/4", 4, b"poison", "evaluator")
    assert letter.key == "support/x"
    assert log.committed == 1


async def test_a_batch_of_large_events_is_published_in_portions() -> None:
    log = Log()
    large = event(subject="x" * 200_000).to_json()
    count = 3 * FLUSH_BYTES // 200_000
    await worker(log).work([mail(n, large) for n in range(count)])
    assert len(log.sent) == 2 * count
    assert len(log.portions) >= 3
    assert log.committed == 1


async def test_a_repeat_after_a_crash_gives_the_same_ids() -> None:
    first, second = Log(), Log()
    await worker(first).work([mail(0)])
    await worker(second).work([mail(0)])
    assert [(each.key, each.value) for each in first.sent] == [(each.key, each.value) for each in second.sent]
    assert str(command_id(event().event_id, "live", "r", "act")).encode() == first.sent[0].headers[1][1]


async def test_others_run_while_a_large_batch_is_worked_on() -> None:
    log = Log()
    task = asyncio.create_task(worker(log).work([mail(n) for n in range(3000)]))
    turns = 0
    while not task.done():
        await asyncio.sleep(0)
        turns += 1
    assert turns > 3


async def test_the_feed_swaps_the_rules_and_tells_the_version() -> None:
    running, log = process(), Log()
    feed = RulesFeed(running, Publisher(running, log, 1))
    assert feed.current().version == 0
    await feed.take([box(mailbox()), changed(rule("a")), closed(4), record("rule/b", b"?", 17)])
    assert (feed.current().version, running.health.facts) == (4, {"ruleset_version": 4})
    assert [each.topic for each in log.sent] == ["automation-rules-dlq"]
    assert DeadLetter.model_validate_json(log.sent[0].value or b"").id == "automation-rules/0/17"


async def test_an_empty_topic_is_version_zero() -> None:
    running, log = process(), Log()
    await RulesFeed(running, Publisher(running, log, 1)).take([])
    assert running.health.facts == {"ruleset_version": 0}


async def test_a_hostile_record_amid_many_concerns_itself_only() -> None:
    values = [event(subject=f"Invoice {n}").to_json() for n in range(3 * TOGETHER)]
    hostile = TOGETHER + TOGETHER // 2
    given = [carrying(n, b"[" * 10_000 if n == hostile else value) for n, value in enumerate(values)]
    log, alone = Log(), Log()
    await worker(log, exported=False).work(given)
    for each in given:
        await worker(alone, exported=False).work([each])
    assert [(each.topic, each.key, each.headers) for each in log.sent] == [
        (each.topic, each.key, each.headers) for each in alone.sent
    ]
    letters = [place for place, each in enumerate(log.sent) if each.topic == "mail-arrived-dlq"]
    assert letters == [2 * hostile], "a command and a decision for each record before it"
    assert [each.value for each in log.sent[: 2 * hostile]] == [each.value for each in alone.sent[: 2 * hostile]]
    assert log.committed == 1


async def test_a_stop_in_the_middle_commits_nothing_of_the_batch() -> None:
    log = Stuck()
    task = asyncio.create_task(worker(log, exported=False).work([carrying(n) for n in range(3 * TOGETHER)]))
    async with asyncio.timeout(10):
        await log.publishing.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert log.committed == 0
