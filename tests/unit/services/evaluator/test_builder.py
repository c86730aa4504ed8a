"""From records to rulesets: versions take effect as a whole, and nothing half-understood is ever in force."""

import json
from collections.abc import Iterable

from runtime.kafka import Received
from schemas.mail import Published
from schemas.mailbox import Mailbox
from schemas.rule import MailboxChanged, Rule, RuleChanged, RulesetPublished
from services.evaluator.builder import RulesetBuilder
from tests.unit.services.evaluator.making import mailbox, rule


def record(key: str, value: bytes | None, offset: int = 0) -> Received:
    return Received("automation-rules", 0, offset, key.encode(), value, (), 0)


def of(published: Published) -> Received:
    return record(published.record_key, published.to_json())


def changed(rule: Rule, version: int = 1, revision: int = 1) -> Received:
    return of(RuleChanged(version=version, revision=revision, rule=rule))


def box(mailbox: Mailbox, version: int = 1) -> Received:
    return of(MailboxChanged(version=version, mailbox=mailbox))


def closed(version: int) -> Received:
    return of(RulesetPublished(version=version))


def built(records: Iterable[Received]) -> RulesetBuilder:
    builder = RulesetBuilder()
    for each in records:
        assert builder.feed(each) is None
    return builder


def active(builder: RulesetBuilder) -> dict[str, int]:
    found = builder.ruleset.mailboxes["support"].by_id
    return {identity: compiled.reference.revision for identity, compiled in found.items()}


BASE = [box(mailbox()), changed(rule("a")), changed(rule("b")), closed(1)]


def test_a_version_takes_effect_as_a_whole() -> None:
    builder = built([*BASE, changed(rule("a"), 2, 2), record("rule/b", None)])
    before = builder.ruleset
    assert (active(builder), before.version, builder.waiting) == ({"a": 1, "b": 1}, 1, 2)
    builder.feed(closed(2))
    assert (active(builder), builder.ruleset.version, builder.waiting) == ({"a": 2}, 2, 0)
    assert before.mailboxes["support"].by_id.keys() == {"a", "b"}, "a ruleset that is in use never changes"


def test_half_of_a_version_never_decides_also_at_start() -> None:
    assert active(built([*BASE, changed(rule("c"), 2)])) == {"a": 1, "b": 1}


def test_what_compaction_leaves_is_enough() -> None:
    assert active(built([box(mailbox()), changed(rule("a"), 5, 4), record("rule/b", None), closed(7)])) == {"a": 4}


def test_a_repeat_changes_nothing() -> None:
    repeated = [changed(rule("a"), 2, 2), closed(2)]
    assert active(built([*BASE, *repeated, *repeated])) == {"a": 2, "b": 1}


def test_a_rule_that_cannot_be_read_is_refused_and_not_active_while_the_rest_goes_on() -> None:
    newer = json.loads(changed(rule("a"), 2, 2).value or b"")
    newer["rule"]["when"] = {"type": "moon_phase", "equals": "full"}
    builder = built(BASE)
    refused = builder.feed(record("rule/a", json.dumps(newer).encode()))
    assert refused is not None
    assert refused.code == "unreadable-rule"
    assert "full" not in refused.text
    assert builder.feed(record("rule/b", b"\xff{")) is not None
    built_again = [builder.feed(each) for each in (changed(rule("c"), 2), closed(2))]
    assert built_again == [None, None]
    assert active(builder) == {"c": 1}


def test_a_record_under_the_key_of_another_is_refused() -> None:
    builder = built(BASE)
    assert builder.feed(record("rule/a", changed(rule("b"), 2, 2).value)) is not None
    builder.feed(closed(2))
    assert active(builder) == {"b": 1}


def test_an_unreadable_closing_record_closes_nothing() -> None:
    builder = built([*BASE, changed(rule("c"), 2)])
    assert builder.feed(record("ruleset", b"{}")) is not None
    assert active(builder) == {"a": 1, "b": 1}
    builder.feed(closed(3))
    assert active(builder) == {"a": 1, "b": 1, "c": 1}


def test_records_of_a_kind_that_is_not_known_yet_are_left_alone() -> None:
    assert active(built([record("erasure/x", b"{}"), record("", b"?"), *BASE])) == {"a": 1, "b": 1}


def test_a_mailbox_that_is_deleted_takes_its_rules_out_of_force() -> None:
    builder = built([*BASE, record("mailbox/support", None), closed(2)])
    assert builder.ruleset.mailboxes == {}
    assert builder.ruleset.active_rules == 0
    builder.feed(box(mailbox(), 3))
    builder.feed(closed(3))
    assert active(builder) == {"a": 1, "b": 1}


def test_a_database_that_started_anew_is_followed() -> None:
    assert built([*BASE, closed(9), changed(rule("a"), 1, 1), closed(1)]).ruleset.version == 1
