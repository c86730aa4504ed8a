"""What a rule does: one typed model per action. Each has an explicit, stable id that outlives reordering."""

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from schemas.base import Authored, Slug
from schemas.scope import Scope
from schemas.window import Window

TagName = Annotated[str, StringConstraints(min_length=1, max_length=60, strip_whitespace=True)]
ShortText = Annotated[str, StringConstraints(max_length=500)]


class ActionBase(Authored):
    """What all actions share.

    `scope` says what counts as "already done": this message, its whole thread, or anything in an interval of time.
    Outside of its `window` an action is skipped, and the rule's next one is tried.
    """

    id: Slug
    scope: Scope = "message"
    window: Window | None = None


class TagAction(ActionBase):
    """Add or remove tags on the mail (IMAP keywords)."""

    type: Literal["tag"]
    add: tuple[TagName, ...] = Field(default=(), max_length=20)
    remove: tuple[TagName, ...] = Field(default=(), max_length=20)

    @model_validator(mode="after")
    def _does_something(self) -> Self:
        if not self.add and not self.remove:
            raise ValueError("name at least one tag under add or remove")
        if both := set(self.add) & set(self.remove):
            raise ValueError(f"a tag cannot be both added and removed: {', '.join(sorted(both))}")
        return self


class StarAction(ActionBase):
    """Star the mail (\\Flagged), or take the star away."""

    type: Literal["star"]
    starred: bool = True


class MoveFolderAction(ActionBase):
    """Move the mail to a folder of the same account. The folder must exist; it is never created."""

    type: Literal["move_folder"]
    folder: Annotated[str, StringConstraints(min_length=1, max_length=200)]


class CrmLeadAction(ActionBase):
    """Create a lead in Odoo's CRM from the mail, or note the mail on the conversation's existing lead."""

    type: Literal["crm_lead"]
    name: ShortText = Field(default="", description="the lead's title; empty: the mail's subject")
    kind: Literal["lead", "opportunity"] = "lead"
    team_id: int | None = Field(default=None, gt=0)
    user_id: int | None = Field(default=None, gt=0)


Action = Annotated[TagAction | StarAction | MoveFolderAction | CrmLeadAction, Field(discriminator="type")]
ACTION_TYPES = ("tag", "star", "move_folder", "crm_lead")
