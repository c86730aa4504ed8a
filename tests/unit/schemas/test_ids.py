"""Ids are derived, and what they are derived to is frozen: another value would act again on handled mail."""

import copy
import pickle
from uuid import UUID, uuid5

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.ids import (
    BACKLOG,
    FACTS,
    LIVE,
    NAMESPACE,
    as_it_arrives,
    command_id,
    conversation_id,
    decision_id,
    decision_text,
    event_id,
    external_id,
    is_retry,
    message_id,
    result_id,
    retry_run,
    text_of,
)

EVENT = UUID("cc7461a6-24ad-5d3e-81cd-b6b1ac879838")


def test_values_are_frozen() -> None:
    assert event_id("incoming", "sales", "ab" * 32) == EVENT
    assert str(conversation_id("sales", "<1@customer.example>")) == "f6714969-ad40-5c3c-b291-745534be7677"
    assert str(decision_id(EVENT, LIVE, 17)) == "041d9f81-b18f-5fee-88bc-2640759a3f47"
    command = command_id(EVENT, LIVE, "new-enquiry", "lead")
    assert str(command) == "526881a6-5140-59d1-828a-b6a7d24f0dd9"
    assert str(result_id(command, 1)) == "164ddf03-51d0-5ed9-8a63-965e2095c8e1"
    assert external_id("crm.lead", "key") == "maildesk.crm_lead_8ade237ed9115ad6a9f3a6aa174220fe"
    assert message_id("notify_channel", "key") == "<09df06c1047d5b399508cdadc945483d@maildesk.invalid>"


@given(mailbox=st.text(), root=st.text())
def test_they_are_uuids_of_version_5(mailbox: str, root: str) -> None:
    assert conversation_id(mailbox, root) == uuid5(NAMESPACE, f"conversation\x1f{mailbox}\x1f{root}")


@given(identity=st.uuids())
def test_a_uuid_is_written_as_python_writes_it(identity: UUID) -> None:
    assert text_of(identity) == str(identity)


@given(event=st.uuids(), run=st.text(), version=st.integers())
def test_the_text_of_a_decisions_id_is_the_same_id(event: UUID, run: str, version: int) -> None:
    assert decision_text(str(event), run, version) == str(decision_id(event, run, version))


def test_a_derived_id_is_like_any_other_uuid() -> None:
    made, same = event_id("incoming", "sales", "ab" * 32), UUID(str(EVENT))
    assert (made, hash(made), repr(made), made.is_safe) == (same, hash(same), repr(same), same.is_safe)
    assert pickle.loads(pickle.dumps(made)) == copy.deepcopy(made) == same  # noqa: S301 - what was just written


def test_every_part_counts() -> None:
    ids = [
        command_id(EVENT, run, rule, action)
        for run in (LIVE, "manual-1")
        for rule in ("a", "b")
        for action in ("a", "b")
    ]
    assert len(set(ids)) == len(ids)


def test_parts_do_not_run_into_each_other() -> None:
    assert command_id(EVENT, LIVE, "ab", "c") != command_id(EVENT, LIVE, "a", "bc")


def test_kinds_do_not_collide() -> None:
    assert event_id("a", "b", "c") != conversation_id("a", "b")
    assert decision_id(EVENT, "1", 1) != result_id(EVENT, 1)


def test_an_external_id_is_one_that_odoo_takes() -> None:
    module, _, name = external_id("crm.lead", "k" * 1000).partition(".")
    assert module == "maildesk"
    assert name.replace("_", "").isalnum()
    assert len(name) < 64


@pytest.mark.parametrize("run", [LIVE, f"{FACTS}{EVENT}", f"{BACKLOG}vip-3", "manual-1"])
def test_a_retry_counts_as_what_it_takes_up_and_so_does_the_retry_of_a_retry(run: str) -> None:
    again = retry_run(EVENT, run)
    assert again == retry_run(EVENT, run) != retry_run(command_id(EVENT, again, "r", "a"), again)
    assert as_it_arrives(run) == as_it_arrives(again) == as_it_arrives(retry_run(EVENT, again))
    assert is_retry(again)
    assert not is_retry(run)
    assert again.endswith(str(EVENT))
