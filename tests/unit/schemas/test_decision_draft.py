"""A draft writes what the decision would: the same bytes for all values that a decision may have, or fails alike."""

from collections.abc import Callable
from datetime import timedelta, timezone
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import PydanticSerializationError

from schemas.command import RuleReference
from schemas.decision import Decision, EmittedCommand, Finding, Verdict
from schemas.decision_draft import DecisionDraft
from schemas.envelope import encode

TEXTS = st.text() | st.sampled_from(['\x00\x1f\x7f"\\/\b\f\n\r\t\x85', "\u2028é😀\ufffe", "\ud800", "a\udfff"])
OFFSETS = st.timedeltas(timedelta(hours=-23, minutes=-59), timedelta(hours=23, minutes=59)).map(timezone)
MOMENTS = st.datetimes(timezones=st.timezones()) | st.datetimes(timezones=OFFSETS)
FINDINGS = st.builds(Finding, path=TEXTS, held=st.booleans(), expected=TEXTS, seen=TEXTS, undecidable=st.booleans())
VERDICTS = st.builds(
    Verdict,
    rule=st.builds(RuleReference, id=TEXTS, revision=st.integers(), name=TEXTS),
    outcome=st.sampled_from(get_args(Verdict.model_fields["outcome"].annotation)),
    shadow=st.booleans(),
    reason=TEXTS,
    because=st.lists(FINDINGS, max_size=2).map(tuple),
)
COMMANDS = st.builds(EmittedCommand, command_id=st.uuids(), type=TEXTS, rule=TEXTS, action=TEXTS)
VALUES = st.fixed_dictionaries(
    {
        "decision_id": st.uuids(),
        "event_id": st.uuids(),
        "run": TEXTS,
        "run_at": MOMENTS,
        "received_at": MOMENTS,
        "ruleset_version": st.integers(),
        "mailbox": TEXTS,
        "conversation": st.uuids(),
        "message_id": st.none() | TEXTS,
        "content_uri": TEXTS,
        "direction": st.sampled_from(["incoming", "outgoing"]),
        "trigger": st.sampled_from(["incoming", "after_send", "manual"]),
        "dry_run": st.booleans(),
        "outcome": st.sampled_from(get_args(Decision.model_fields["outcome"].annotation)),
        "verdicts": st.lists(VERDICTS, max_size=2).map(tuple),
        "verdicts_omitted": st.integers(),
        "commands": st.lists(COMMANDS, max_size=2).map(tuple),
    }
).map(lambda values: {name: values[name] for name in Decision.model_fields})
"""In the order of the fields."""


@given(VALUES)
def test_it_writes_the_bytes_of_the_decision_or_fails_alike(values: dict[str, Any]) -> None:
    draft = DecisionDraft(values)
    assert written(draft.to_json) == written(draft.decision().to_json)


@given(VALUES)
def test_its_decision_is_the_one_that_the_values_make(values: dict[str, Any]) -> None:
    draft = DecisionDraft(values)
    checked = Decision.model_construct(**values)
    assert (draft.decision(), draft.decision().model_fields_set) == (checked, checked.model_fields_set)
    assert (draft.record_id, draft.record_key) == (checked.record_id, checked.record_key)


@given(VALUES)
def test_it_is_encoded_as_the_decision_is(values: dict[str, Any]) -> None:
    draft = DecisionDraft(values)
    assert written(lambda: encode(draft, "/maildesk/x")) == written(lambda: encode(draft.decision(), "/maildesk/x"))


@pytest.mark.parametrize("field", ["run", "mailbox", "message_id", "content_uri"])
@given(values=VALUES)
def test_half_a_character_is_refused(field: str, values: dict[str, Any]) -> None:
    with pytest.raises(PydanticSerializationError, match="surrogates not allowed"):
        DecisionDraft({**values, field: "\ud83d"}).to_json()


def written(write: Callable[[], object]) -> object:
    """What is written, or why nothing is."""
    try:
        return write()
    except ValueError as error:
        return type(error), str(error)
