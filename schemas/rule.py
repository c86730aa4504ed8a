"""A rule as a person writes it, and the records of the compacted topic `automation-rules` that carry it."""

from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from schemas.action import Action
from schemas.base import Authored, Slug
from schemas.condition import AllOf, Condition, check_shape
from schemas.mail import Published
from schemas.mailbox import Mailbox

Trigger = Literal["incoming", "after_send", "manual"]


class Rule(Authored):
    """One rule of one mailbox. Lower `order` is tried first; equal orders go by id."""

    id: Slug
    mailbox: Slug
    name: str = Field(default="", max_length=200)
    order: int = Field(default=100, ge=0, le=1_000_000)
    enabled: bool = True
    trigger: Trigger = "incoming"
    when: Annotated[Condition, BeforeValidator(check_shape)] = AllOf(all=())
    actions: tuple[Action, ...] = Field(min_length=1, max_length=20)
    stop_processing: bool = Field(default=False, description="a match ends the evaluation of later rules")
    on_error: Literal["stop", "continue"] = Field(default="stop", description="what a failed action means for the next")

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
