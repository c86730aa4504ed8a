"""`evaluation-requested` and `evaluation-backlog`: evaluate this event again, in a run of its own."""

from typing import ClassVar, final

from pydantic import Field

from schemas.base import Slug, Timestamp, empty
from schemas.facts import FactSubject
from schemas.mail import MailEvent, Published


@final
class EvaluationRequested(Published):
    """A manual run, dry run, forced rerun or replay. It embeds the event, so that the evaluator needs no I/O."""

    ce_type: ClassVar[str] = "maildesk.evaluation-requested.v1"
    run: str = Field(min_length=1, max_length=100, description="never `live`")
    event: MailEvent
    rule: Slug | None = Field(default=None, description="only this rule, even if disabled; null: all active rules")
    dry_run: bool = Field(default=False, description="say what would be done, touch nothing")
    force: bool = Field(default=False, description="act again on what was handled: raises the claim's generation")
    backlog: bool = Field(
        default=False,
        exclude_if=empty,
        description="as if the mail arrived now: the rule must be on, and its trigger fit",
    )
    deferred: tuple[FactSubject, ...] = Field(
        default=(),
        exclude_if=empty,
        description="what the first evaluation lacked and this event has: go on at the rule that it could not decide",
    )
    requested_at: Timestamp
    requested_by: str = ""

    @property
    def record_id(self) -> str:
        return f"{self.run}/{self.event.event_id}"

    @property
    def record_key(self) -> str:
        return self.event.record_key
