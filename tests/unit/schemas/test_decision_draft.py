"""A draft writes what the decision would: the same bytes for all values that a decision may have, or fails alike."""

from collections.abc import Callable
from datetime import timedelta, timezone
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic_core import PydanticSerializationError

from schemas.command import RuleReference
from schemas.decision import Decision, EmittedCommand, Finding, Verdict
from schemas.decision_draft import DecisionDraft, Found
from schemas.envelope import encode
from schemas.ids import decision_id
from schemas.mail import ContentReference, MailArrived
from schemas.rule import Trigger

TEXTS = st.text() | st.sampled_from(['\x00\x1f\x7f"\\/\b\f\n\r\t\x85', "\u2028é😀\ufffe", "\ud800", "a\udfff"])
RUNS = st.text()
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
OUTCOMES = st.sampled_from(get_args(Decision.model_fields["outcome"].annotation))
COMMANDS_MADE = st.lists(COMMANDS, max_size=2).map(tuple)
TRIGGERS: st.SearchStrategy[Trigger] = st.sampled_from(["incoming", "after_send", "manual"])
FOUND = st.builds(
    Found,
    direction=st.sampled_from(["incoming", "outgoing"]),
    trigger=TRIGGERS,
    dry_run=st.booleans(),
    outcome=OUTCOMES,
    verdicts=st.lists(VERDICTS, max_size=2).map(tuple),
    verdicts_omitted=st.integers(),
    commands=COMMANDS_MADE,
)
EVENTS = st.builds(
    MailArrived.model_construct,
    event_id=st.uuids(),
    mailbox=TEXTS,
    conversation=st.uuids(),
    message_id=st.none() | TEXTS,
    received_at=MOMENTS,
    content=st.builds(ContentReference.model_construct, uri=TEXTS),
)
DRAFTS = st.builds(DecisionDraft, event=EVENTS, run=RUNS, run_at=MOMENTS, version=st.integers(), found=FOUND)


@settings(deadline=None)  # the first time zones are read from disk
@given(DRAFTS)
def test_it_writes_the_bytes_of_the_decision_or_fails_alike(draft: DecisionDraft) -> None:
    assert written(draft.to_json) == written(draft.decision().to_json)


@settings(deadline=None)  # the first time zones are read from disk
@given(DRAFTS)
def test_its_decision_is_the_one_that_the_values_make(draft: DecisionDraft) -> None:
    made = draft.decision()
    checked = Decision.model_construct(**dict(made))
    assert (made, made.model_fields_set) == (checked, checked.model_fields_set)
    assert list(made.__dict__) == list(Decision.model_fields)
    assert made.decision_id == decision_id(draft.event.event_id, draft.run, draft.version)
    assert (draft.record_id, draft.record_key) == (checked.record_id, checked.record_key)


@settings(deadline=None)  # the first time zones are read from disk
@given(DRAFTS)
def test_it_is_encoded_as_the_decision_is(draft: DecisionDraft) -> None:
    assert written(lambda: encode(draft, "/maildesk/x")) == written(lambda: encode(draft.decision(), "/maildesk/x"))


@pytest.mark.parametrize("field", ["mailbox", "message_id", "uri"])
@settings(deadline=None)
@given(draft=DRAFTS)
def test_half_a_character_is_refused(field: str, draft: DecisionDraft) -> None:
    half = "\ud83d"
    changes = {"content": draft.event.content.model_copy(update={"uri": half})} if field == "uri" else {field: half}
    event = draft.event.model_copy(update=changes)
    with pytest.raises(PydanticSerializationError, match="surrogates not allowed"):
        DecisionDraft(event, draft.run, draft.run_at, draft.version, draft.found).to_json()


def written(write: Callable[[], object]) -> object:
    """What is written, or why nothing is."""
    try:
        return write()
    except ValueError as error:
        return type(error), str(error)
