"""Digests of addresses, and records without content."""

import pytest

from runtime.kafka import Received
from schemas.command import ActionCommand
from schemas.erased_pages import pages_of, requests_of
from schemas.erasure import ErasureKey, EventsErased
from schemas.mail import MailArrived, MailSent
from schemas.mail import Published as Record
from schemas.redaction import command_without_content, event_without_content, result_without_content
from schemas.result import ExecutionResult
from tests.unit.schemas.examples import RECORDS, load_examples

KEY = ErasureKey("k" * 32)
KEPT = {"event_id", "mailbox", "conversation", "received_at", "recorded_at", "reply_state", "origin", "direction"}
OF_MAIL = [each for each in load_examples() if RECORDS[each.headers["ce_type"]] in (MailArrived, MailSent)]


def example(kind: type[Record]) -> bytes:
    return next(each.wire for each in load_examples() if each.headers["ce_type"] == kind.ce_type)


def test_one_person_has_one_digest_however_the_address_is_written() -> None:
    assert KEY.digest(" Anna@MÜNCHEN.example") == KEY.digest("anna@xn--mnchen-3ya.example")
    assert KEY.digest("anna@example.org") != ErasureKey("l" * 32).digest("anna@example.org")
    assert KEY.check != ErasureKey("l" * 32).check
    assert len(KEY.digest("")) == 64


def test_a_short_key_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 32 characters"):
        ErasureKey("k" * 31)


@pytest.mark.parametrize("given", OF_MAIL, ids=lambda each: each.name)
def test_of_an_event_only_ids_times_and_digests_remain(given: object) -> None:
    wire = next(each.wire for each in OF_MAIL if each is given)
    kind = MailSent if b'"outgoing"' in wire else MailArrived
    event = kind.model_validate_json(wire)
    emptied = event_without_content(event)
    assert kind.model_validate_json(emptied.to_json()) == emptied
    kept = {name for name in type(event).model_fields if getattr(emptied, name) == getattr(event, name)}
    assert kept >= KEPT
    filled = {name for name in type(event).model_fields if getattr(emptied, name)}
    assert filled - KEPT <= {"content", "defects", "not_kept", "conversation_by"}
    assert emptied.content.uri == ""
    assert event_without_content(emptied) == emptied


def test_an_emptied_command_is_the_same_one_and_never_acts() -> None:
    command = ActionCommand.model_validate_json(example(ActionCommand))
    emptied = command_without_content(command)
    assert emptied.command_id == command.command_id
    assert emptied.skip == "erased"
    while (following := emptied.following()) is not None:
        assert following.skip == "erased"
        emptied = following


def test_an_emptied_result_says_what_became_of_the_command() -> None:
    result = ExecutionResult.model_validate_json(example(ExecutionResult))
    emptied = result_without_content(result)
    assert (emptied.state, emptied.reason, emptied.produced.res_id) == (
        result.state,
        result.reason,
        result.produced.res_id,
    )
    assert (emptied.message_id, emptied.content_uri, emptied.text) == (None, "", "")
    assert (emptied.produced.text, emptied.produced.uri, emptied.produced.details) == ("", "", {})


def test_what_cannot_be_read_is_passed_over() -> None:
    wire = example(EventsErased)
    kind = (("ce_type", EventsErased.ce_type.encode()),)

    def record(value: bytes | None, headers: tuple[tuple[str, bytes], ...] = kind) -> Received:
        return Received("automation-rules", 0, 0, b"erased/x/1", value, headers, 0)

    page = EventsErased.model_validate_json(wire)
    assert pages_of([record(b"{}"), record(None), record(wire, ()), record(wire)]) == [page]
    assert requests_of([record(wire)]) == []
