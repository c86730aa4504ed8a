"""Actions on the mail itself, in its own mailbox."""

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from schemas.action_base import ActionBase

TagName = Annotated[str, StringConstraints(min_length=1, max_length=60, strip_whitespace=True)]


class MailboxActionBase(ActionBase):
    """An action on a mail; a rule on sent mail may mean the mail that was answered instead."""

    target: Literal["sent", "original"] = Field(
        default="sent", description="for after-send rules: the sent mail, or the original that it answers"
    )


class TagAction(MailboxActionBase):
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


class StarAction(MailboxActionBase):
    """Star the mail (\\Flagged), or take the star away."""

    type: Literal["star"]
    starred: bool = True


class MarkReadAction(MailboxActionBase):
    """Mark the mail as read (\\Seen), or as unread."""

    type: Literal["mark_read"]
    read: bool = True


class MoveFolderAction(MailboxActionBase):
    """Move the mail to a folder of the same account. The folder must exist; it is never created."""

    type: Literal["move_folder"]
    folder: Annotated[str, StringConstraints(min_length=1, max_length=200)]
