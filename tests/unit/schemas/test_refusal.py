"""A refused record becomes a dead letter that says where it was and quotes nothing of it in its text."""

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from schemas.dead_letter import MAX_VALUE_BYTES, DeadLetter
from schemas.refusal import MAX_HEADER_BYTES, MAX_KEPT_HEADERS, MAX_KEY_BYTES, Refusal, bury, describe_faults
from schemas.rule import RulesetPublished

NOW = datetime(2026, 1, 1, tzinfo=UTC)
TRACE = b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@dataclass(frozen=True)
class Given:
    topic: str = "mail-arrived"
    partition: int = 3
    offset: int = 42
    key: bytes = b"support/1"
    value: bytes | None = b"{"
    headers: tuple[tuple[str, bytes], ...] = (("traceparent", TRACE), ("other", b"x"))


REFUSAL = Refusal("evaluator", "unreadable-record", "record: json_invalid", NOW)


def test_it_goes_to_the_topics_dead_letters_under_its_own_position_and_trace() -> None:
    topic, key, value, headers = bury(Given(), REFUSAL)
    letter = DeadLetter.model_validate_json(value)
    assert (topic, key, letter.id, letter.value) == ("mail-arrived-dlq", b"support/1", "mail-arrived/3/42", b"{")
    assert (letter.service, letter.code, letter.at) == ("evaluator", "unreadable-record", NOW)
    assert ("traceparent", TRACE) in headers
    assert ("ce_source", b"/maildesk/evaluator") in headers
    assert "other" not in dict(headers)
    assert (letter.headers, letter.cut) == (Given.headers, False), "what goes back with it when it is tried again"


def test_hostile_sizes_are_cut_and_an_empty_value_stays_empty() -> None:
    huge = Given(key=b"\xff" * 10_000, value=b"x" * (MAX_VALUE_BYTES + 1), headers=(("traceparent", b"0" * 5_000),))
    letter = DeadLetter.model_validate_json(bury(huge, REFUSAL)[2])
    assert len(letter.key) == MAX_KEY_BYTES
    assert len(letter.value or b"") == MAX_VALUE_BYTES
    assert (letter.cut, letter.headers) == (True, ())
    assert "traceparent" not in dict(bury(huge, REFUSAL)[3])
    assert DeadLetter.model_validate_json(bury(Given(value=None), REFUSAL)[2]).value is None


def test_of_many_headers_only_some_are_kept() -> None:
    many = tuple((f"h{number}", b"x" * MAX_HEADER_BYTES) for number in range(1_000))
    kept = DeadLetter.model_validate_json(bury(Given(headers=(("n" * 61, b"x"), *many)), REFUSAL)[2]).headers
    assert kept == many[:MAX_KEPT_HEADERS]


def test_faults_name_places_and_kinds_and_no_values() -> None:
    with pytest.raises(ValidationError) as caught:
        RulesetPublished.model_validate({"version": "a secret"})
    assert describe_faults(caught.value) == "version: int_parsing"
