"""A rule as a person writes it, and the records of the compacted topic `automation-rules` that carry it."""

from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from schemas.action import Action
from schemas.base import Authored, Slug
from schemas.condition import AllOf, Condition, check_shape
from schemas.mail import Published
from schemas.mailbox import Mailbox
from schemas.mailbox_action import MailboxActionBase
from schemas.needs import Need
from schemas.scope import Duration
from schemas.window import Date

Trigger = Literal["incoming", "after_send", "manual"]


class Backlog(Authored):
    """Which mail that is there already a rule is applied to when it is switched on."""

    since: Date | None = Field(default=None, description="the first day on which the mail was received (UTC)")
    last: Duration | None = Field(default=None, description='how far back from then, such as "30d"')

    @model_validator(mode="after")
    def _one_beginning(self) -> Self:
        if (self.since is None) == (self.last is None):
            raise ValueError("give either since or last")
        return self


class Rule(Authored):
    """One rule of one mailbox. Lower `order` is tried first; equal orders go by id."""

    id: Slug
    mailbox: Slug
    name: str = Field(default="", max_length=200)
    order: int = Field(default=100, ge=0, le=1_000_000)
    enabled: bool = True
    mode: Literal["live", "shadow"] = Field(default="live", description="shadow: decided and logged, never acted on")
    trigger: Trigger = "incoming"
    when: Annotated[Condition, BeforeValidator(check_shape)] = AllOf(all=())
    actions: tuple[Action, ...] = Field(min_length=1, max_length=20)
    stop_processing: bool = Field(default=False, description="a match ends the evaluation of later rules")
    on_error: Literal["stop", "continue"] = Field(default="stop", description="what a failed action means for the next")

    expires_after: Duration | None = Field(
        default=None, description='an action that could not begin so long after the decision is skipped, such as "2h"'
    )
    backlog: Backlog | None = Field(
        default=None, description="apply it also to mail that is there when it is switched on"
    )

    @model_validator(mode="after")
    def _fits_its_trigger(self) -> Self:
        originals = [
            each.id for each in self.actions if isinstance(each, MailboxActionBase) and each.target == "original"
        ]
        if originals and self.trigger != "after_send":
            raise ValueError(f"only a rule with `trigger: after_send` knows an original; see {', '.join(originals)}")
        if self.backlog and self.trigger == "manual":
            raise ValueError("a rule that is run by hand has no backlog; leave backlog out, or use another trigger")
        return self

    @model_validator(mode="after")
    def _ids_are_unique(self) -> Self:
        ids = [action.id for action in self.actions]
        if repeated := sorted({i for i in ids if ids.count(i) > 1}):
            raise ValueError(f"action ids must be unique in a rule; repeated: {', '.join(repeated)}")
        return self

    @model_validator(mode="before")
    @classmethod
    def _name_defaults_to_id(cls, data: Any) -> Any:
        if isinstance(data, dict) and not data.get("name") and isinstance(data.get("id"), str):
            return {**data, "name": data["id"]}
        return data


class RuleChanged(Published):
    """A rule's current revision. Key `rule/<id>`; a record without a value deletes it."""

    ce_type: ClassVar[str] = "maildesk.rule-changed.v1"
    version: int
    revision: int
    rule: Rule
    activated: int = Field(
        default=0, description="the revision with which it was last switched on; 0: never, or it is off"
    )
    needs: tuple[Need, ...] = Field(default=(), description="the Odoo fields that ingest reads for it")

    @property
    def record_id(self) -> str:
        return f"{self.record_key}@{self.version}"

    @property
    def record_key(self) -> str:
        return f"rule/{self.rule.id}"

    def to_json(self) -> bytes:
        """Defaults are left out, so that a reader of the version before takes a rule that uses nothing new."""
        return self.model_dump_json(exclude_defaults=True).encode()


class MailboxChanged(Published):
    """A mailbox with its switches. Key `mailbox/<id>`; a record without a value deletes it."""

    ce_type: ClassVar[str] = "maildesk.mailbox-changed.v1"
    version: int
    mailbox: Mailbox

    @property
    def record_id(self) -> str:
        return f"{self.record_key}@{self.version}"

    @property
    def record_key(self) -> str:
        return f"mailbox/{self.mailbox.id}"

    def to_json(self) -> bytes:
        """Defaults are left out, as in RuleChanged."""
        return self.model_dump_json(exclude_defaults=True).encode()


class RulesetPublished(Published):
    """Closes one version: everything before it in the topic's single partition takes effect together."""

    ce_type: ClassVar[str] = "maildesk.ruleset-published.v1"
    version: int

    @property
    def record_id(self) -> str:
        return f"ruleset@{self.version}"

    @property
    def record_key(self) -> str:
        return "ruleset"
