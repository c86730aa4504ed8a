"""What matched rules ask for: one command each, the rest of its actions as the slip; windows and fights are settled."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from uuid import UUID

from schemas.command import ActionCommand, Step
from services.evaluator.attempt import Attempt
from services.evaluator.ruleset import CompiledRule
from services.evaluator.windows import outside


def commands_of(matched: Sequence[CompiledRule], attempt: Attempt, decision_id: UUID) -> Iterator[ActionCommand]:
    """In rule order. A mail is moved by one rule only: the first that asks for it wins, later moves are skipped.

    A move outside of its window asks for nothing.
    """
    slips = [(compiled, _in_windows(compiled.steps, attempt.event.received_at)) for compiled in matched]
    mover = next((compiled for compiled, steps in slips if compiled.moves and any(map(_moves, steps))), None)
    for compiled, slip in slips:
        loses = compiled.moves and mover is not None and compiled is not mover
        steps = _settled(slip, mover.rule.id) if loses and mover else slip
        yield ActionCommand(
            decision_id=decision_id,
            run=attempt.run,
            run_at=attempt.run_at,
            rule=compiled.reference,
            trigger=attempt.trigger,
            on_error=compiled.rule.on_error,
            event=attempt.event,
            step=steps[0],
            slip=steps[1:],
            dry_run=attempt.dry_run,
            force=attempt.force,
        )


def _in_windows(steps: tuple[Step, ...], received_at: datetime) -> tuple[Step, ...]:
    if all(step.action.window is None for step in steps):
        return steps
    return tuple(_in_window(step, received_at) for step in steps)


def _in_window(step: Step, received_at: datetime) -> Step:
    reason = outside(step.action.window, received_at) if step.action.window else None
    return Step(action=step.action, skip=f"outside window: {reason}") if reason else step


def _moves(step: Step) -> bool:
    return step.action.type == "move_folder" and step.skip is None


def _settled(steps: tuple[Step, ...], winner: str) -> tuple[Step, ...]:
    reason = f"conflict: rule {winner} moves this message"
    return tuple(Step(action=s.action, skip=reason) if _moves(s) else s for s in steps)
