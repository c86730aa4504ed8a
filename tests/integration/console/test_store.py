"""The store of rules on a real Postgres: revisions, versions, tombstones, and an outbox that survives crashes."""

import asyncio
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pytest

from runtime.errors import InvalidInputError, TargetDownError
from runtime.kafka import Outgoing, Received
from runtime.migrations import migrate
from runtime.postgres import Database
from schemas.mailbox import Mailbox
from services.console.outbox import publish_pending, republish_all
from services.console.reading import current_version, get_mailbox, get_rule, list_mailboxes, list_rules, rule_history
from services.console.store import Applied, apply
from services.evaluator.builder import RulesetBuilder
from tests.unit.services.console.test_plan import mailbox, rule


class Broker:
    """A topic that keeps what it acknowledged."""

    def __init__(self, failures: int = 0) -> None:
        self.records: list[Outgoing] = []
        self.failures = failures

    async def send_all(self, records: Sequence[Outgoing]) -> None:
        await asyncio.sleep(0.01)
        if self.failures:
            self.failures -= 1
            self.records += records[: len(records) // 2]
            raise TargetDownError("the broker went away")
        self.records += records

    def keys(self) -> list[str]:
        return [record.key.decode() for record in self.records]

    def rules(self) -> dict[str, int]:
        """What a reader has in force: rule to revision."""
        builder = RulesetBuilder()
        for offset, record in enumerate(self.records):
            assert builder.feed(Received("automation-rules", 0, offset, record.key, record.value, (), 0)) is None
        boxes = builder.ruleset.mailboxes.values()
        return {name: each.reference.revision for box in boxes for name, each in box.by_id.items()}


@pytest.fixture
async def store(database: Database) -> Database:
    await migrate(database, "console")
    return database


async def applied(store: Database, *names: str, owner: str = "file.yaml", order: int = 100) -> Applied:
    return await apply(store, [rule(name, order=order) for name in names], [mailbox()], owner=owner, author="anna")


async def test_apply_then_read(store: Database) -> None:
    done = await applied(store, "a", "b")
    assert done == Applied(("mailbox/support", "rule/a", "rule/b"), (), (), (), 1)
    found = await get_rule(store, "a")
    assert found is not None
    assert (found.rule, found.revision, found.version, found.owner, found.author) == (
        rule("a"),
        1,
        1,
        "file.yaml",
        "anna",
    )
    assert [each.rule.id for each in await list_rules(store)] == ["a", "b"]
    assert await list_rules(store, "sales") == []
    assert [each.mailbox for each in await list_mailboxes(store)] == [mailbox()]
    assert await get_rule(store, "nope") is None
    assert await get_mailbox(store, "nope") is None


async def test_an_unchanged_set_changes_nothing(store: Database) -> None:
    await applied(store, "a")
    again = await applied(store, "a")
    assert (again.version, again.unchanged, again.changed) == (1, ("mailbox/support", "rule/a"), False)
    assert len(await rule_history(store, "a")) == 1
    broker = Broker()
    assert await publish_pending(store, broker) == 3


async def test_only_what_changed_gets_a_revision_and_a_record(store: Database) -> None:
    await applied(store, "a", "b")
    broker = Broker()
    await publish_pending(store, broker)
    broker.records.clear()
    done = await apply(store, [rule("a"), rule("b", order=1)], [mailbox()], owner="file.yaml", author="bert")
    assert (done.updated, done.version) == (("rule/b",), 2)
    await publish_pending(store, broker)
    assert broker.keys() == ["rule/b", "ruleset"]
    assert [(each.revision, each.version, each.author) for each in await rule_history(store, "b")] == [
        (1, 1, "anna"),
        (2, 2, "bert"),
    ]


async def test_a_rule_that_is_no_longer_given_is_deleted_and_goes_on_counting_when_it_comes_back(
    store: Database,
) -> None:
    await applied(store, "a", "b")
    assert (await applied(store, "b")).deleted == ("rule/a",)
    await applied(store, "a", "b")
    assert [(each.revision, each.deleted) for each in await rule_history(store, "a")] == [
        (1, False),
        (2, True),
        (3, False),
    ]
    broker = Broker()
    await publish_pending(store, broker)
    assert broker.keys()[3:] == ["ruleset", "rule/a", "ruleset", "rule/a", "ruleset"]
    assert [record.value for record in broker.records if record.key == b"rule/a"][1] is None
    assert {record.partition for record in broker.records} == {0}
    assert broker.rules() == {"a": 3, "b": 1}


async def test_a_refused_set_changes_nothing(store: Database) -> None:
    await applied(store, "a", owner="one.yaml")
    with pytest.raises(InvalidInputError, match="rule a belongs to"):
        await applied(store, "new", "a", owner="two.yaml")
    with pytest.raises(InvalidInputError, match="known: support"):
        await apply(store, [rule("x", mailbox="nope")], [], owner="one.yaml", author="anna")
    assert await current_version(store) == 1
    assert [each.rule.id for each in await list_rules(store)] == ["a"]


async def test_mailboxes_alone_leave_rules_alone(store: Database) -> None:
    await applied(store, "a")
    done = await apply(store, None, [mailbox(automation=False), mailbox("sales")], owner="file.yaml", author="anna")
    assert (done.created, done.updated, done.deleted) == (("mailbox/sales",), ("mailbox/support",), ())
    found = await get_mailbox(store, "support")
    assert found is not None
    assert (found.revision, found.mailbox.automation) == (2, False)


async def test_a_new_account_acts_from_when_it_was_applied_and_later_changes_leave_that_alone(store: Database) -> None:
    account = {"kind": "imap", "host": "imap.example", "username": "anna", "password": "ANNA"}

    async def saved(**fields: Any) -> object:
        given = Mailbox.model_validate({"id": "sales", "source": account, **fields})
        await apply(store, None, [given], owner="file.yaml", author="anna")
        found = await get_mailbox(store, "sales")
        assert found is not None
        return found.mailbox.actions_since

    before = await store.fetchval("SELECT now()")
    connected = await saved()
    assert isinstance(connected, datetime)
    assert before <= connected <= await store.fetchval("SELECT now()")
    assert await saved() == connected
    assert await current_version(store) == 1, "the same file again changes nothing"
    assert await saved(name="Sales") == connected
    assert await saved(actions_since="beginning") == "beginning"
    assert await saved(actions_since="connected") == connected
    broker = Broker()
    await publish_pending(store, broker)
    assert f'"actions_since":"{connected:%Y-%m-%d}'.encode() in (broker.records[0].value or b"")


async def test_many_at_once_end_in_one_order(store: Database) -> None:
    done = await asyncio.gather(*[applied(store, f"r{n}", owner=f"file{n}") for n in range(6)])
    assert sorted(each.version for each in done) == [1, 2, 3, 4, 5, 6]
    broker = Broker()
    counts = await asyncio.gather(publish_pending(store, broker), publish_pending(store, broker))
    assert sum(counts) == len(broker.records) == 13
    versions = [json.loads(record.value)["version"] for record in broker.records if record.value]
    assert versions == sorted(versions)


async def test_the_same_file_applied_twice_at_once_counts_once(store: Database) -> None:
    done = await asyncio.gather(applied(store, "a"), applied(store, "a"))
    assert [each.version for each in done] == [1, 1]
    assert len(await rule_history(store, "a")) == 1


async def test_what_was_not_acknowledged_is_published_again_with_the_same_bytes(store: Database) -> None:
    await applied(store, "a", "b")
    await applied(store, "a", "b", "c")
    broker = Broker(failures=1)
    with pytest.raises(TargetDownError):
        await publish_pending(store, broker)
    assert await publish_pending(store, broker) == 6
    assert broker.records[2:4] == broker.records[:2]
    assert broker.keys()[2:] == ["mailbox/support", "rule/a", "rule/b", "ruleset", "rule/c", "ruleset"]
    assert await publish_pending(store, broker) == 0


async def test_a_crash_before_the_mark_repeats_one_version_and_readers_see_no_difference(store: Database) -> None:
    class Dying(Broker):
        async def send_all(self, records: Sequence[Outgoing]) -> None:
            await super().send_all(records)
            if records[0].key == b"rule/a":
                raise asyncio.CancelledError

    await applied(store, "a")
    await applied(store, "a", order=5)
    await applied(store, "a", order=7)
    dying = Dying()
    with pytest.raises(asyncio.CancelledError):
        await publish_pending(store, dying)
    survivor = Broker()
    survivor.records = dying.records
    assert survivor.rules() == {"a": 2}
    await publish_pending(store, survivor)
    assert survivor.keys() == ["mailbox/support", "rule/a", "ruleset", *["rule/a", "ruleset"] * 3]
    assert survivor.records[3:5] == survivor.records[5:7]
    assert survivor.rules() == {"a": 3}


async def test_everything_again_for_a_broker_that_is_empty(store: Database) -> None:
    new = Broker()
    assert await republish_all(store, new) == 0
    await applied(store, "a", "b", "gone")
    await applied(store, "a", "b", order=3)
    first = Broker()
    await publish_pending(store, first)
    assert await republish_all(store, new) == 5
    assert new.keys() == ["mailbox/support", "rule/a", "rule/b", "rule/gone", "ruleset"]
    assert new.rules() == first.rules() == {"a": 2, "b": 2}
