"""The table of states is whole, and the page is made from it."""

from itertools import product

import pytest

from services.actions.states import (
    FINAL,
    IMPOSSIBLE,
    MEANING,
    TABLE,
    Claim,
    Event,
    IllegalTransitionError,
    Slip,
    State,
    transition,
)


def test_every_pair_is_in_the_table_or_documented_as_impossible() -> None:
    assert set(TABLE) | set(IMPOSSIBLE) == set(product(State, Event))
    assert not set(TABLE) & set(IMPOSSIBLE)
    assert all(IMPOSSIBLE.values())


def test_every_event_has_a_meaning_and_happens_somewhere() -> None:
    assert set(MEANING) == set(Event) == {event for _, event in TABLE}


@pytest.mark.parametrize("state", sorted(FINAL))
def test_final_states_have_no_exits(state: State) -> None:
    assert state.final
    assert not [pair for pair in TABLE if pair[0] is state]
    with pytest.raises(IllegalTransitionError, match=f"in state {state}"):
        transition(state, Event.CLAIMED)


def test_every_state_can_be_reached_and_left_for_a_final_one() -> None:
    reached = {State.PENDING} | {step.state for step in TABLE.values()}
    assert reached == set(State)
    for state in set(State) - FINAL:
        assert any(step.state.final for (before, _), step in TABLE.items() if before is state)


def test_what_has_or_may_have_acted_keeps_its_claim_and_every_other_end_gives_it_back() -> None:
    for (_, event), step in TABLE.items():
        assert (step.claim is Claim.KEEP) == (event in (Event.SUCCEEDED, Event.UNKNOWN))
        if step.state in (State.FAILED, State.SKIPPED) and event is not Event.UNKNOWN:
            assert step.claim is Claim.RELEASE


def test_what_may_have_acted_never_runs_again_unless_it_surely_has_not() -> None:
    for (before, event), step in TABLE.items():
        if before is State.SENDING and step.state not in FINAL | {State.SENDING}:
            assert (event, step.state) in {
                (Event.TRANSIENT, State.RETRY_WAIT),
                (Event.TARGET_DOWN, State.RETRY_WAIT),
            }
        if step.state is State.SENDING:
            assert before in (State.RUNNING, State.SENDING)
            assert step.claim is Claim.HOLD


def test_every_end_is_published_and_goes_on_with_the_slip() -> None:
    for (_, event), step in TABLE.items():
        if step.state.final:
            assert step.result
        assert (step.slip is Slip.HOLD) == (not step.state.final)
        assert (step.slip is Slip.ON_ERROR) == (step.state is State.FAILED)
        assert step.attempt == (event is Event.CLAIMED)
