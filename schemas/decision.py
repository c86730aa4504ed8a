"""`automation-decisions`: for every event, which rules were tried, which matched, and why (not)."""

from typing import ClassVar, Literal
from uuid import UUID

from pydantic import Field

from schemas.base import Record, Timestamp, empty
from schemas.command import RuleReference
from schemas.ids import text_of
from schemas.mail import Published
from schemas.rule import Trigger


class Finding(Record):
    """One condition as it was checked. `path` leads to it in the rule, such as `all[0].none[1].subject`."""

    path: str
    held: bool
    expected: str
    seen: str = Field(description="the value of the mail, cut to 200 characters; why, where it cannot be told")
    undecidable: bool = Field(
        default=False, exclude_if=empty, description="the event does not say whether it held; then `held` is false"
    )


class Verdict(Record):
    """One rule on one event. `because` holds the conditions that settled it, in the order of the rule."""

    rule: RuleReference
    outcome: Literal["matched", "not_matched", "not_tried", "undecidable", "deferred"] = Field(
        description="undecidable: a fact is not in the event; deferred: Odoo did not answer in time, it is asked again"
    )
    shadow: bool = Field(default=False, exclude_if=empty, description="the rule is watched only: nothing is done")
    reason: str = Field(default="", description="for not_tried: why, such as `stopped by rule x`")
    because: tuple[Finding, ...] = ()


class EmittedCommand(Record):
    """The first command of a matched rule; the others follow from its slip."""

    command_id: UUID
    type: str
    rule: str
    action: str


class Decision(Published):
    """One evaluation. Made of the event and the rules alone: the same input gives the same bytes."""

    ce_type: ClassVar[str] = "maildesk.decision.v1"
    decision_id: UUID
    event_id: UUID
    run: str
    run_at: Timestamp
    received_at: Timestamp
    ruleset_version: int
    mailbox: str
    conversation: UUID
    message_id: str | None
    content_uri: str
    direction: Literal["incoming", "outgoing"]
    trigger: Trigger
    dry_run: bool = False
    outcome: Literal[
        "commands",
        "no_match",
        "deferred",
        "no_rules",
        "mailbox_off",
        "mailbox_unknown",
        "rule_unknown",
        "archived",
    ] = Field(description="archived: received before the mailbox's `actions_since`; recorded without actions")
    verdicts: tuple[Verdict, ...] = ()
    verdicts_omitted: int = Field(default=0, description="active rules that did not match, or that a stop left untried")
    commands: tuple[EmittedCommand, ...] = ()

    @property
    def record_id(self) -> str:
        return text_of(self.decision_id)

    @property
    def record_key(self) -> str:
        return f"{self.mailbox}/{text_of(self.conversation)}"
