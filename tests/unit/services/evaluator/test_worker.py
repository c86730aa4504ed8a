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
from services.evaluator.worker import FLUSH_BYTES, Publisher, Worker
from tests.unit.services.evaluator.making import event, mailbox, rule, ruleset
from tests.unit.services.evaluator.test_builder import box, changed, closed, record


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


def worker(log: Log, tries: int = 3) -> Worker:
    running = process()
    rules = ruleset([rule("r")])
    return Worker(running, log, Publisher(running, log, tries), Handler(lambda: rules), 10)


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
