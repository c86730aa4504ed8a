"""Writing verdicts down: state, claim, result and next step, all in the caller's one transaction."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from schemas.result import Produced
from services.actions.model import Change, ClaimKey, Verdict, Waiting
from services.actions.port import Unit
from services.actions.results import publications
from services.actions.states import Claim, Event, State, Transition, transition
from services.actions.undone import undone_by

_FAILURES = frozenset({Event.TRANSIENT, Event.TARGET_DOWN, Event.LOOK_AGAIN})
_STEADY = frozenset({Event.TARGET_DOWN, Event.LOOK_AGAIN})


async def settle(unit: Unit, verdicts: Sequence[Verdict]) -> list[Verdict]:
    """Apply verdicts; returns those that held. One whose fence is stale, or that was applied before, does nothing."""
    if not verdicts:
        return []
    steps = {v.row.command_id: (v, transition(v.row.state, v.event)) for v in verdicts}
    applied = await unit.change_commands([_change(v, step) for v, step in steps.values()])
    held = [(v, step) for command_id, (v, step) in steps.items() if command_id in applied]
    await _settle_claims(unit, held)
    if placed := {v.row.command.mail.event_id: v.produced.uri for v, step in held if _moved(v, step)}:
        await unit.put_placements(placed)
    outbox: list[Waiting] = []
    for verdict, step in held:
        if _is_news(verdict, step):
            outbox += publications(verdict, step, unit.now)
    if outbox:
        await unit.put_outbox(outbox)
    return [verdict for verdict, _ in held]


def _is_news(verdict: Verdict, step: Transition) -> bool:
    """What stays as it is, such as a target that is down, is said once, not at every look."""
    repeated = verdict.event in _STEADY and verdict.row.wait_reason == verdict.reason
    return step.result and not repeated


def _moved(verdict: Verdict, step: Transition) -> bool:
    return step.state is State.SUCCEEDED and verdict.produced.uri not in ("", verdict.uri)


def _change(verdict: Verdict, step: Transition) -> Change:
    row = verdict.row
    waiting = step.state in (State.RETRY_WAIT, State.SENDING)
    return Change(
        command_id=row.command_id,
        fence=verdict.fence,
        before=row.state,
        state=step.state,
        attempt=verdict.attempt,
        failures=row.failures + (verdict.event in _FAILURES),
        sequence=row.sequence + 1 if _is_news(verdict, step) else row.sequence,
        wait=verdict.wait if waiting else timedelta(0),
        wait_reason=(verdict.reason or str(verdict.event)) if waiting else "",
        blocked=verdict.event is Event.LANE_BUSY,
        result=verdict.produced if step.state.final else None,
    )


async def _settle_claims(unit: Unit, held: Sequence[tuple[Verdict, Transition]]) -> None:
    kept: list[tuple[ClaimKey, UUID, Produced]] = []
    released: list[UUID] = []
    for verdict, step in held:
        if step.claim is Claim.RELEASE:
            released.append(verdict.row.command_id)
        elif step.claim is Claim.KEEP:
            undo = verdict.row.command.undoes is not None
            keys = (verdict.row.key,) if undo else (verdict.row.key, *verdict.records)
            kept += [(key, verdict.row.command_id, verdict.produced) for key in keys]
    if kept:
        await unit.keep_claims(kept)
    if released:
        await unit.release_claims(released)
    if undone := [taken for verdict, step in held if (taken := undone_by(verdict, step.state)) is not None]:
        await unit.undo_claims(undone)
