"""What matched rules ask for: one command each, the rest of its actions as the slip.

What must not act is settled here: outside of its window, on an original that there is none of, or in a fight.
"""

from collections.abc import Iterator, Sequence
from uuid import UUID

from schemas.command import NO_ORIGINAL, ActionCommand, Step, mail_of
from schemas.mail import MailArrived, MailSent
from services.evaluator.attempt import Attempt
from services.evaluator.ruleset import CompiledRule
from services.evaluator.windows import outside


def commands_of(
    matched: Sequence[CompiledRule], attempt: Attempt, decision_id: UUID, version: int
) -> Iterator[ActionCommand]:
    """In rule order; `version`: of the rules that decided.

    A mail is moved by one rule only: the first that asks for it wins, later moves are skipped.
    A move that is skipped asks for nothing; a move of the sent mail and one of its original do not fight.
    """
    winners: dict[UUID, str] = {}
    for compiled in matched:
        steps = _able(compiled.steps, attempt.event)
        if compiled.moves:
            steps = _settled(steps, attempt.event, compiled.rule.id, winners)
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
            ruleset_version=version,
            expires_at=attempt.run_at + compiled.lasts if compiled.lasts else None,
        )


def _able(steps: tuple[Step, ...], event: MailArrived | MailSent) -> tuple[Step, ...]:
    """The steps; those that cannot act on this mail say why."""
    return tuple([_able_step(step, event) for step in steps])


def _able_step(step: Step, event: MailArrived | MailSent) -> Step:
    if mail_of(step.action, event) is None:
        return Step(action=step.action, skip=NO_ORIGINAL)
    reason = outside(step.action.window, event.received_at) if step.action.window else None
    return Step(action=step.action, skip=f"outside window: {reason}") if reason else step


def _settled(
    steps: tuple[Step, ...], event: MailArrived | MailSent, rule: str, winners: dict[UUID, str]
) -> tuple[Step, ...]:
    """`winners`: by mail, the rule that moves it; this one joins them where it is the first."""
    found = []
    for step in steps:
        mail = mail_of(step.action, event) if step.action.type == "move_folder" and step.skip is None else None
        winner = winners.setdefault(mail.event_id, rule) if mail else rule
        lost = winner != rule
        found.append(Step(action=step.action, skip=f"conflict: rule {winner} moves this message") if lost else step)
    return tuple(found)
