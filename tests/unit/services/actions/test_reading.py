"""From records to commands, and to dead letters."""

import json
from typing import Any

import pytest

from schemas.dead_letter import DeadLetter
from services.actions.reading import read_commands
from tests.unit.services.actions.making import STAR, command, mail
from tests.unit.services.actions.records import raw

TOPIC = "actions-tag"


def changed(**fields: Any) -> bytes:
    return json.dumps(json.loads(command().to_json()) | fields).encode()


def test_a_command_carries_its_trace_and_nothing_else() -> None:
    headers = [("traceparent", b"00-aa-bb-01"), ("ce_id", b"1"), ("tracestate", b"x=\0")]
    ((record, arrival),), refused = read_commands([raw(TOPIC, command().to_json(), *headers, offset=4)])
    assert (arrival.command, arrival.payload, refused) == (command(), command().to_json(), [])
    assert arrival.headers == {"traceparent": "00-aa-bb-01"}
    assert record.offset == 4


@pytest.mark.parametrize(
    ("value", "code", "text"),
    [
        (None, "unreadable-record", ": json_invalid"),
        (b"\xff\0 not json", "unreadable-record", ": json_invalid"),
        (b"{}", "unreadable-record", "decision_id: missing"),
        (changed(step={"action": {"id": "x", "type": "explode"}}), "unreadable-record", "step.action"),
        (command(mail(), STAR).to_json(), "wrong-topic", "a star command does not belong here"),
        (changed(rule={"id": "a\0b", "revision": 1}), "unreadable-record", "rule.id is no id"),
        (changed(rule={"id": "x" * 5_000, "revision": 1}), "unreadable-record", "rule.id is no id"),
    ],
)
def test_what_is_no_command_becomes_a_dead_letter_and_the_next_goes_on(
    value: bytes | None, code: str, text: str
) -> None:
    arrivals, (refused,) = read_commands([raw(TOPIC, value, offset=9), raw(TOPIC, command().to_json())])
    assert len(arrivals) == 1
    letter = DeadLetter.model_validate_json(refused.value or b"")
    assert (refused.topic, letter.code, letter.offset, letter.value) == ("actions-tag-dlq", code, 9, value)
    assert text in letter.text
    assert "explode" not in letter.text
