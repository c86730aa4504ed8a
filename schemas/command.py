"""`actions-<type>`: one step of a rule to be carried out, with the steps that remain (the routing slip) inside."""

from typing import Any, ClassVar, Literal
from uuid import UUID

from pydantic import Field, field_serializer

from schemas.action import Action
from schemas.base import Record, Timestamp, empty, not_told
from schemas.ids import command_id, retry_run
from schemas.mail import MailArrived, MailEvent, MailSent, Original, Published
from schemas.mailbox_action import MailboxActionBase
from schemas.rule import Trigger
from schemas.scope import Throttle

NO_ORIGINAL = "no original: the mail answers none that this mailbox has seen"
"""Why a step on the original does not act when there is none."""


def mail_of(action: Action, event: MailArrived | MailSent) -> MailArrived | MailSent | Original | None:
    """The mail that an action is about: the event's own, or the original that it answers; None when none is known."""
    if not isinstance(action, MailboxActionBase) or action.target == "sent":
        return event
    return event.original if isinstance(event, MailSent) else None


class RuleReference(Record):
    """The rule and the revision that decided."""

    id: str
    revision: int
    name: str = ""


class Step(Record):
    """One action of the slip. `skip` is set when the evaluator settled that it must not act, and says why."""

    action: Action
    skip: str | None = None

    @field_serializer("action")
    def _without_defaults(self, action: Action) -> dict[str, Any]:
        """As in RuleChanged: a worker of the version before refuses fields that it does not know."""
        return action.model_dump(mode="json", exclude_defaults=True)


class ActionCommand(Published):
    """Carry out `step` for `event`; then go on with `slip`. Its type is the type of the step's action."""

    ce_type: ClassVar[str] = "maildesk.action-command.v1"
    decision_id: UUID
    run: str
    run_at: Timestamp = Field(description="when this run of the event began")
    rule: RuleReference
    trigger: Trigger
    on_error: Literal["stop", "continue"]
    event: MailEvent
    step: Step
    slip: tuple[Step, ...] = Field(default=(), description="what remains after this step, in order")
    dry_run: bool = False
    force: bool = False
    force_step: bool = Field(default=False, exclude_if=empty, description="as `force`, for this step only")
    generation: int | None = Field(
        default=None,
        ge=0,
        exclude_if=not_told,
        description="of a retry: the failed command was forced and had this one, so what was done meanwhile is seen; "
        "this step only",
    )
    ruleset_version: int = Field(default=0, description="of the decision; 0: not told")
    expires_at: Timestamp | None = Field(
        default=None, exclude_if=empty, description="a step that has not begun by then is skipped"
    )
    undoes: UUID | None = Field(
        default=None, exclude_if=empty, description="take back what this command did, instead of acting"
    )

    @property
    def type(self) -> str:
        return self.step.action.type

    @property
    def command_id(self) -> UUID:
        return command_id(self.event.event_id, self.run, self.rule.id, self.step.action.id)

    @property
    def mail(self) -> MailArrived | MailSent | Original:
        """The mail that the step is about. Where there is no original, the step is skipped."""
        return mail_of(self.step.action, self.event) or self.event

    @property
    def skip(self) -> str | None:
        """Why the step must not act, if so."""
        if self.step.skip is None and mail_of(self.step.action, self.event) is None:
            return NO_ORIGINAL
        return self.step.skip

    @property
    def scope_subject(self) -> str:
        """What counts as already done: the mail, its conversation, a slot of time in its mailbox; or what is undone."""
        if self.undoes is not None:
            return f"undo:{self.undoes}"
        scope = self.step.action.scope
        if isinstance(scope, Throttle):
            sender = self.event.sender.address if self.event.sender else ""
            return f"{self.event.mailbox}/{scope.subject(self.event.received_at, sender)}"
        if scope == "thread":
            return f"thread:{self.event.conversation}"
        return f"message:{self.mail.event_id}"

    @property
    def record_id(self) -> str:
        return str(self.command_id)

    @property
    def record_key(self) -> str:
        return self.event.record_key

    def following(self) -> "ActionCommand | None":
        """The command of the next step; None at the end of the slip."""
        if not self.slip:
            return None
        own_only = {"force_step": False, "generation": None}
        return self.model_copy(update={"step": self.slip[0], "slip": self.slip[1:], **own_only})

    @property
    def chose_generation(self) -> bool:
        """Whether it says by itself in which generation it acts, instead of in that of the others."""
        return self.force or self.force_step or self.generation is not None

    def retried(self, *, force: bool = False, generation: int | None = None) -> "ActionCommand":
        """The command that takes this one up again after it failed, under the same idempotency key.

        Always the same one. With `on_error: continue` the slip has gone on already. `force`: act although the claim is
        kept, as the next generation; this step only. `generation`: of this command, if it chose that.
        """
        slip = () if self.on_error == "continue" else self.slip
        run, same = retry_run(self.command_id, self.run), None if force else generation
        return self.model_copy(update={"run": run, "slip": slip, "force_step": force, "generation": same})
