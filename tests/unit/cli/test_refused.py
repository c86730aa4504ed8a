"""What services refused is known by its id, and looked up seldom."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import uuid4

from cli.refused import LOOK_SECONDS, REPORTS, TOPICS, RefusedRecords
from runtime.clock import FakeClock
from runtime.errors import TargetDownError
from runtime.kafka import Lane, Outgoing, Received
from runtime.kafka_scan import Scan, Span
from runtime.memory_topics import MemoryScan, MemoryTopics
from schemas.refusal import Refusal, bury
from schemas.topics import AUTOMATION_DECISIONS, AUTOMATION_RESULTS
from tests.unit.cli.dlq.dead import Dead
from tests.unit.services.actions.making import command

NOW = datetime(2026, 3, 14, tzinfo=UTC)


class Down(MemoryScan):
    stopped = 0

    async def start(self) -> dict[Lane, Span]:
        raise TargetDownError("away")

    async def stop(self) -> None:
        self.stopped += 1


async def test_refused_records_are_known_and_failed_commands_are_none_of_them() -> None:
    dead = Dead()
    await dead.refused()
    await dead.failed(command())
    await dead.topics.send_all([Outgoing("mail-arrived-dlq", b"", b"no letter")])
    refused = RefusedRecords(lambda names: MemoryScan(dead.topics, names), FakeClock())
    await refused.look()
    assert refused.ids == {"1"}


async def test_of_what_the_log_refused_nobody_waits_for_a_row() -> None:
    topics, ids = MemoryTopics(), [str(uuid4()) for _ in range(3)]
    about = [
        {"event_id": ids[0], "run": "live", "outcome": "nonsense", "verdicts": []},
        {"event_id": ids[1], "run": "facts-1"},
        {"event_id": ids[0], "run": "live", "command_id": ids[2], "sequence": 0},
        {"event_id": "nonsense", "run": "live"},
    ]
    values = [json.dumps(each).encode() for each in about] + [b"\xff", None]
    for number, value in enumerate(values):
        topic = AUTOMATION_RESULTS.name if value and b"command" in value else AUTOMATION_DECISIONS.name
        record = Received(topic, 0, number, b"", value, (), 0)
        await topics.send_all([Outgoing(*bury(record, Refusal("audit", "invalid-record", "", NOW)))])
    refused = RefusedRecords(lambda names: MemoryScan(topics, names), FakeClock())
    await refused.look()
    assert refused.ids == {ids[0], f"facts-1/{ids[1]}", ids[2]}


async def test_they_are_looked_up_again_only_after_a_while_also_when_the_broker_was_away() -> None:
    dead, clock = Dead(), FakeClock()
    scans: list[Sequence[str]] = []

    def opened(names: Sequence[str]) -> Scan:
        scans.append(names)
        return Down(dead.topics, names) if len(scans) == 1 else MemoryScan(dead.topics, names)

    refused = RefusedRecords(opened, clock)
    await dead.refused()
    await refused.look()
    assert refused.ids == set()
    await refused.look()
    assert scans == [(*TOPICS, *REPORTS)]
    clock.advance(LOOK_SECONDS)
    await refused.look()
    assert refused.ids == {"1"}


async def test_the_connection_to_a_broker_that_goes_away_is_closed_too() -> None:
    down = Down(Dead().topics, TOPICS)
    await RefusedRecords(lambda _: down, FakeClock()).look()
    assert down.stopped == 1
