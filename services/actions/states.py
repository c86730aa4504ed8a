"""The states of a command, as one table: state and event give the next state and what happens around it.

`docs/reference/states.md` is made from here, and nothing else decides a state.
"""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """Where a command stands. The last four are final."""

    PENDING = "pending"
    RUNNING = "running"
    SENDING = "sending"
    RETRY_WAIT = "retry_wait"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    SKIPPED = "skipped"
    PLANNED = "planned"

    @property
    def final(self) -> bool:
        """Whether nothing changes it any more."""
        return self in FINAL


FINAL = frozenset({State.SUCCEEDED, State.FAILED, State.SKIPPED, State.PLANNED})


class Event(StrEnum):
    """What can happen to a command."""

    CLAIMED = "claimed"
    SENDING = "sending"
    LOOK_AGAIN = "look_again"
    UNKNOWN = "outcome_unknown"
    CLAIM_BUSY = "claim_busy"
    CLAIM_DONE = "claim_done"
    LANE_BUSY = "lane_busy"
    SUPERSEDED = "superseded"
    DECLINED = "declined"
    PLANNED = "planned"
    SUCCEEDED = "succeeded"
    TRANSIENT = "transient"
    EXHAUSTED = "exhausted"
    TARGET_DOWN = "target_down"
    FAILED = "failed"


SUPERSEDED = "superseded"
"""What a superseded command waits for, and how it ends."""


class Claim(StrEnum):
    """What happens to the command's claims.

    A command that has begun holds its claims until it is final: what it left behind may not be known yet.
    """

    HOLD = "hold"
    TAKE = "take"
    KEEP = "keep"
    RELEASE = "release"


class Slip(StrEnum):
    """What happens to the rest of the routing slip."""

    HOLD = "hold"
    NEXT = "next"
    ON_ERROR = "on_error"


@dataclass(frozen=True, slots=True)
class Transition:
    """The consequence of an event. `attempt`: whether it uses one. `result`: whether it is published."""

    state: State
    claim: Claim
    result: bool
    slip: Slip
    attempt: bool = False


MEANING: dict[Event, str] = {
    Event.CLAIMED: "its claims were free, or its own lease ran out: it gets a lease and a new fence",
    Event.SENDING: "it is about to do what cannot be asked about afterwards, and this is written down before",
    Event.LOOK_AGAIN: "it may have acted, or is not wholly done: it looks again after a while, and never acts again",
    Event.UNKNOWN: "whether it has acted cannot be found out: `outcome-unknown`; as it may have, its claim is kept",
    Event.CLAIM_BUSY: "another command that has begun holds a claim it needs; it waits, using no attempt",
    Event.CLAIM_DONE: "an earlier command has done this for the same idempotency key: `duplicate`",
    Event.LANE_BUSY: "an earlier command of the conversation still has work on this target; it waits, using no attempt",
    Event.SUPERSEDED: "a later command of the conversation has waited behind it for longer than the bound; it only "
    "looks whether it has acted, and else ends skipped: `superseded`",
    Event.DECLINED: "it must not or need not act, and says why",
    Event.PLANNED: "a dry run: it said what it would do and touched nothing",
    Event.SUCCEEDED: "it has acted; what it produced is kept with the claim",
    Event.TRANSIENT: "the attempt failed in a way that may pass, and it has surely not acted if it was sending; it is "
    "tried again after a backoff",
    Event.EXHAUSTED: "the last attempt failed too, or it waited for its target for too long",
    Event.TARGET_DOWN: "the whole target is away, or it cannot begin yet; it waits, using no attempt",
    Event.FAILED: "it can never succeed as it is",
}

_CLAIM_WAIT = Transition(State.RETRY_WAIT, Claim.RELEASE, result=False, slip=Slip.HOLD)
_LANE_WAIT = Transition(State.RETRY_WAIT, Claim.HOLD, result=False, slip=Slip.HOLD)
_RETRY = Transition(State.RETRY_WAIT, Claim.HOLD, result=True, slip=Slip.HOLD)
_DUPLICATE = Transition(State.SKIPPED, Claim.RELEASE, result=True, slip=Slip.NEXT)
_DECLINE = Transition(State.SKIPPED, Claim.RELEASE, result=True, slip=Slip.NEXT)
_PLAN = Transition(State.PLANNED, Claim.HOLD, result=True, slip=Slip.NEXT)
_RUN = Transition(State.RUNNING, Claim.TAKE, result=False, slip=Slip.HOLD, attempt=True)
_FAIL = Transition(State.FAILED, Claim.RELEASE, result=True, slip=Slip.ON_ERROR)
_SUCCEED = Transition(State.SUCCEEDED, Claim.KEEP, result=True, slip=Slip.NEXT)
_SEND = Transition(State.SENDING, Claim.HOLD, result=False, slip=Slip.HOLD)
_LOOK = Transition(State.SENDING, Claim.HOLD, result=False, slip=Slip.HOLD, attempt=True)

_WAITING: dict[Event, Transition] = {
    Event.CLAIMED: _RUN,
    Event.CLAIM_BUSY: _CLAIM_WAIT,
    Event.CLAIM_DONE: _DUPLICATE,
    Event.LANE_BUSY: _LANE_WAIT,
    Event.DECLINED: _DECLINE,
}
TABLE: dict[tuple[State, Event], Transition] = {
    **{(State.PENDING, event): transition for event, transition in _WAITING.items()},
    **{(State.RETRY_WAIT, event): transition for event, transition in _WAITING.items()},
    (State.RETRY_WAIT, Event.SUPERSEDED): _LANE_WAIT,
    (State.RUNNING, Event.CLAIMED): _RUN,
    (State.RUNNING, Event.CLAIM_BUSY): _CLAIM_WAIT,
    (State.RUNNING, Event.CLAIM_DONE): _DUPLICATE,
    (State.RUNNING, Event.LANE_BUSY): _LANE_WAIT,
    (State.RUNNING, Event.DECLINED): _DECLINE,
    (State.RUNNING, Event.PLANNED): _PLAN,
    (State.RUNNING, Event.SENDING): _SEND,
    (State.RUNNING, Event.SUCCEEDED): _SUCCEED,
    (State.RUNNING, Event.TRANSIENT): _RETRY,
    (State.RUNNING, Event.TARGET_DOWN): _RETRY,
    (State.RUNNING, Event.EXHAUSTED): _FAIL,
    (State.RUNNING, Event.FAILED): _FAIL,
    (State.SENDING, Event.CLAIMED): _LOOK,
    (State.SENDING, Event.LOOK_AGAIN): Transition(State.SENDING, Claim.HOLD, result=True, slip=Slip.HOLD),
    (State.SENDING, Event.UNKNOWN): Transition(State.FAILED, Claim.KEEP, result=True, slip=Slip.ON_ERROR),
    (State.SENDING, Event.SUCCEEDED): _SUCCEED,
    (State.SENDING, Event.TRANSIENT): _RETRY,
    (State.SENDING, Event.TARGET_DOWN): _RETRY,
    (State.SENDING, Event.EXHAUSTED): _FAIL,
    (State.SENDING, Event.FAILED): _FAIL,
}

_NOT_LEASED = "it is not under a lease, so nobody acts on it"
_HELD = "it holds its claims and its place until it is known whether it has acted"
_BEGUN = "it has begun to act"
IMPOSSIBLE: dict[tuple[State, Event], str] = {
    **{
        (state, event): _NOT_LEASED
        for state in (State.PENDING, State.RETRY_WAIT)
        for event in Event
        if event not in _WAITING and event is not Event.SUPERSEDED
    },
    (State.PENDING, Event.SUPERSEDED): "its first try comes first",
    (State.RUNNING, Event.SUPERSEDED): "who waits behind it lets it end",
    (State.RUNNING, Event.LOOK_AGAIN): "whether it has acted can be found out when it is tried again",
    (State.RUNNING, Event.UNKNOWN): "whether it has acted can be found out when it is tried again",
    (State.SENDING, Event.SENDING): "it is written down already",
    **{(State.SENDING, event): _HELD for event in (Event.CLAIM_BUSY, Event.CLAIM_DONE, Event.LANE_BUSY)},
    (State.SENDING, Event.SUPERSEDED): "who waits behind it lets it end",
    (State.SENDING, Event.DECLINED): _BEGUN,
    (State.SENDING, Event.PLANNED): _BEGUN,
    **{(state, event): "final: nothing changes it any more" for state in FINAL for event in Event},
}
"""Why the other pairs cannot be."""


class IllegalTransitionError(AssertionError):
    """An event that cannot happen in that state: a defect of ours, never of the input."""


def transition(state: State, event: Event) -> Transition:
    """What an event means in a state. Final states know no events."""
    try:
        return TABLE[state, event]
    except KeyError:
        raise IllegalTransitionError(f"{event} in state {state}") from None
