import pytest

from runtime.outcome import Refused
from services.audit.decode import decode
from services.audit.entry import Entry
from tests.unit.services.audit.samples import NOON, decision, number, raw, received, result


def test_a_decision_announces_its_commands() -> None:
    entry = decode(received(decision()), "t")
    assert isinstance(entry, Entry)
    assert (entry.kind, entry.row_id, entry.run_at, entry.final) == ("decision", number(1), NOON, False)
    assert [expected.command_id for expected in entry.expects] == [number(4)]


@pytest.mark.parametrize(("state", "announced"), [("succeeded", [number(5)]), ("retry_wait", [])])
def test_only_a_final_result_announces_the_next_step(state: str, announced: list[object]) -> None:
    entry = decode(received(result(state=state, next_command=number(5))), "t")
    assert isinstance(entry, Entry)
    assert [expected.command_id for expected in entry.expects] == announced
    assert entry.final is (state != "retry_wait")


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (None, "no-value"),
        (b"", "invalid-record"),
        (b"\x00", "invalid-record"),
        (b"{}", "invalid-record"),
        (b"[" * 100_000, "invalid-record"),
        (result().to_json().replace(b'"attempt":1', b'"attempt":' + b"9" * 30), "out-of-range"),
        (result().to_json().replace(b'"res_id":0', b'"res_id":' + b"9" * 30), "out-of-range"),
        (result(finished_at="0001-01-01T00:00:00+14:00").to_json(), "out-of-range"),
        (result().to_json().replace(b'"reason":""', b'"reason":"\\ud800"'), "invalid-record"),
    ],
)
def test_what_is_no_record_is_refused(value: bytes | None, code: str) -> None:
    refused = decode(raw(value), "")
    assert isinstance(refused, Refused)
    assert refused.code == code


def test_a_refusal_names_fields_and_quotes_nothing() -> None:
    refused = decode(raw(result().to_json().replace(b'"attempt":1', b'"attempt":"secret"')), "")
    assert refused == Refused("invalid-record", "not a maildesk.execution-result.v1: attempt: int_parsing")


def test_a_record_of_another_type_is_refused() -> None:
    assert isinstance(decode(raw(result().to_json(), ce_type="maildesk.execution-result.v2"), ""), Refused)
    assert isinstance(decode(raw(result().to_json(), ce_type="maildesk.execution-result.v1"), ""), Entry)
