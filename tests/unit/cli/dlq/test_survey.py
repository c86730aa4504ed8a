"""Letters and marks are folded in one pass that holds places only."""

from collections.abc import AsyncIterator, Mapping, Sequence

import pytest

from cli.dlq_survey import Place, Sought, letters, survey
from runtime.kafka import Lane, Outgoing, Received
from runtime.kafka_scan import PORTION, Span
from runtime.memory_topics import MemoryScan, MemoryTopics
from tests.unit.cli.dlq.dead import NOON, Dead, later, letter_of
from tests.unit.services.actions.making import MOVE, TAG, command, mail

FIRST, SECOND, OTHER = command(mail(1)), command(mail(2)), command(mail(3), MOVE, rule="r2")


class Counting(MemoryScan):
    """Counts the records that it is asked for."""

    def __init__(self, topics: MemoryTopics, names: Sequence[str]) -> None:
        super().__init__(topics, names)
        self.asked: list[int] = []

    def read(self, spans: Mapping[Lane, Span]) -> AsyncIterator[list[Received]]:
        self.asked += [end - begin for begin, end in spans.values()]
        return super().read(spans)


async def three() -> Dead:
    dead = Dead()
    await dead.failed(FIRST)
    await dead.failed(SECOND, at=later(1))
    await dead.failed(OTHER, at=later(2), reason="folder-missing")
    await dead.refused()
    return dead


async def test_they_are_counted_by_topic_and_code_and_come_oldest_first() -> None:
    found = await (await three()).survey()
    assert found.counts == {
        ("actions-move-folder-dlq", "folder-missing"): 1,
        ("actions-tag-dlq", "odoo-access"): 2,
        ("mail-arrived-dlq", "unreadable-record"): 1,
    }
    assert [each.id for each in found.open if each.place.topic == "actions-tag-dlq"] == [
        str(FIRST.command_id),
        str(SECOND.command_id),
    ]
    assert found.open == sorted(found.open, key=lambda each: each.at)


@pytest.mark.parametrize(
    ("sought", "expected"),
    [
        ({"type": "tag"}, 2),
        ({"rule": "r2"}, 1),
        ({"mailbox": "support"}, 3),
        ({"mailbox": "sales"}, 0),
        ({"code": "unreadable-record"}, 1),
        ({"since": later(1)}, 2),
        ({"since": NOON}, 4),
        ({"rule": "r1", "since": later(1)}, 1),
        ({"commands_only": True}, 3),
    ],
)
async def test_filters(sought: dict[str, object], expected: int) -> None:
    assert len((await (await three()).survey(**sought)).open) == expected


@pytest.mark.parametrize(
    "name",
    [
        str(SECOND.command_id),
        str(SECOND.event.event_id),
        "actions-tag-dlq:0:1",
        "actions-tag:0:1",
    ],
)
async def test_a_letter_has_several_names(name: str) -> None:
    found = await (await three()).survey(ids=frozenset({name}))
    assert [each.id for each in found.open] == [str(SECOND.command_id)]
    assert found.met == {name}


async def test_a_name_that_nothing_has_is_not_met() -> None:
    found = await (await three()).survey(ids=frozenset({"x", "mail-arrived/2/7"}))
    assert (found.met, [each.id for each in found.open]) == ({"mail-arrived/2/7"}, ["mail-arrived/2/7"])


async def test_a_letter_that_was_published_twice_is_one_also_after_it_was_handled() -> None:
    dead = Dead()
    await dead.failed(FIRST, FIRST)
    assert [each.place.offset for each in (await dead.survey()).open] == [0]
    await dead.handle("discarded")
    await dead.failed(FIRST)
    assert (await dead.survey()).open == []
    assert (await dead.survey(ids=frozenset({str(FIRST.command_id)}))).open == []


async def test_what_is_no_letter_is_passed_over_and_said() -> None:
    dead = Dead()
    alien = letter_of(OTHER)
    await dead.topics.send_all(
        [
            Outgoing("actions-tag-dlq", b"", b"\xff"),
            Outgoing("actions-tag-dlq", b"", None),
            Outgoing("actions-tag-dlq", b"", alien.value, alien.headers),
            Outgoing("actions-tag-dlq", b"", b"{}", [("ce_type", b"maildesk.dead-letter-handled.v1")]),
        ]
    )
    await dead.failed(FIRST)
    found = await dead.survey()
    assert (len(found.open), found.unreadable) == (1, 4)


async def test_of_too_many_the_rest_is_counted_only() -> None:
    dead = Dead()
    await dead.failed(*(command(mail(number)) for number in range(1, 11)))
    found = await survey(dead.scan(), Sought(("actions-tag-dlq",)), most=4)
    assert (len(found.open), found.beyond) == (4, 6)
    assert [each.place.offset for each in found.open] == [0, 1, 2, 3]


async def test_letters_that_lie_far_apart_are_read_without_what_is_between() -> None:
    dead = Dead(partitions=2)
    filler = Outgoing("actions-tag-dlq", b"", b"x" * 10, partition=1)
    given = letter_of(FIRST)
    at = [Outgoing(given.topic, given.key, given.value, given.headers, partition=1)]
    await dead.topics.send_all([*at, *([filler] * PORTION * 3), *at])
    places = [Place("actions-tag-dlq", 1, 0), Place("actions-tag-dlq", 1, PORTION * 3 + 1)]
    scan = Counting(dead.topics, ("actions-tag-dlq",))
    found = [kept async for kept in letters(scan, places)]
    assert [kept.place for kept in found] == places
    assert scan.asked == [1, 1]
    assert {kept.letter.id for kept in found} == {str(FIRST.command_id)}


async def test_a_rule_or_mailbox_is_known_of_failed_commands_only() -> None:
    dead = Dead()
    await dead.refused("actions-tag")
    await dead.failed(command(mail(1), TAG))
    assert len((await dead.survey(type="tag")).open) == 1
