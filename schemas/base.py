"""What every contract is made of: immutable models that ignore fields they do not know yet."""

from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, StringConstraints


class Record(BaseModel):
    """A value that crosses a process. Unknown fields are ignored, so that an old reader survives a new writer."""

    model_config = ConfigDict(frozen=True, extra="ignore", ser_json_bytes="base64", val_json_bytes="base64")


class Authored(BaseModel):
    """A value that a person writes (rules, mailboxes). Unknown fields are errors, so that a typo is never silent."""

    model_config = ConfigDict(frozen=True, extra="forbid")


Timestamp = AwareDatetime

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_.-]{0,62}$")]
"""The explicit, stable id of a mailbox, rule or action: lower-case letters, digits, `-`, `_`, `.`; at most 63."""


def empty(value: object) -> bool:
    """For `exclude_if` of fields that were added later: what uses nothing new keeps its bytes."""
    return not value


def not_told(value: object) -> bool:
    """The same for a field whose 0 says something."""
    return value is None
