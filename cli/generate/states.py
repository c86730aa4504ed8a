"""The page of states, made from the table that decides them."""

from cli.generate.markdown import table
from cli.generate.repository import NOTE, REFERENCE, Files
from services.actions.states import IMPOSSIBLE, MEANING, TABLE, Event, State

_HEAD = """# States of a command

{note}

A command is `pending` when it is written down, `running` under a lease, `retry_wait` until its next try. Mail that is
sent cannot be asked about afterwards: its command is `sending` from before the message is handed over until the
outcome is written down, and one that is found in `sending` only looks whether it has acted. `succeeded`, `failed`,
`skipped` and `planned` are final. All of a row happens in one transaction.

- **claims**: `take` takes the idempotency key and the keys of records; `hold` leaves them as they are, so that a
  command that has begun keeps them until it is final; `keep` keeps them for ever, with what was produced; `release`
  gives them back. A dry run has none.
- **result**: whether a result is published. One that only says again that a target is down is not.
- **slip**: `next` publishes the next step's command, `on_error` does what the rule says of failures, `hold` waits.
- **attempt**: whether it uses one.
"""


def state_files() -> Files:
    """`docs/reference/states.md`."""
    events = table(("event", "when"), [(f"`{event}`", MEANING[event]) for event in Event])
    rows = [
        (f"`{state}`", f"`{event}`", f"`{step.state}`", step.claim, _yes(step.result), step.slip, _yes(step.attempt))
        for (state, event), step in sorted(TABLE.items(), key=_order)
    ]
    steps = table(("in state", "event", "next state", "claims", "result", "slip", "attempt"), rows)
    why = [
        (f"`{state}`", f"`{event}`", reason)
        for (state, event), reason in sorted(IMPOSSIBLE.items(), key=_order)
        if not state.final
    ]
    never = table(("in state", "event", "why not"), why)
    head = _HEAD.format(note=NOTE.format(source="`services/actions/states.py`"))
    page = (
        f"{head}\n## Events\n\n{events}\n## Transitions\n\n{steps}\n## What cannot happen\n\n"
        f"In a final state nothing can. Any other pair is a defect, and stops the process.\n\n{never}"
    )
    return {f"{REFERENCE}/states.md": page}


def _order(item: tuple[tuple[State, Event], object]) -> tuple[int, int]:
    state, event = item[0]
    return list(State).index(state), list(Event).index(event)


def _yes(value: bool) -> str:
    return "yes" if value else ""
