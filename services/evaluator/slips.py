"""What matched rules ask for: one command each, the rest of its actions as the slip; rules that fight are settled."""

from collections.abc import Iterator, Sequence
from uuid import UUID

from schemas.command import ActionCommand, Step
from services.evaluator.attempt import Attempt
from services.evaluator.ruleset import CompiledRule


def commands_of(matched: Sequence[CompiledRule], attempt: Attempt, decision_id: UUID) -> Iterator[ActionCommand]:
    """In rule order. A mail is moved by one rule only: the first that asks for it wins, later moves are skipped."""
    mover = next((compiled for compiled in matched if compiled.moves), None)
    for compiled in matched:
        loses = compiled.moves and mover is not None and compiled is not mover
        steps = _settled(compiled.steps, mover.rule.id) if loses and mover else compiled.steps
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


def _settled(steps: tuple[Step, ...], winner: str) -> tuple[Step, ...]:
    reason = f"conflict: rule {winner} moves this message"
    return tuple(Step(action=s.action, skip=reason) if s.action.type == "move_folder" else s for s in steps)
