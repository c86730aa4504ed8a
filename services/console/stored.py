"""Rules and mailboxes as they are kept: with revision, version, author and time."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from runtime.postgres import Row
from schemas.mailbox import Mailbox
from schemas.rule import Rule

T = TypeVar("T", bound=BaseModel)
Unreadable = dict[str, Any]
"""A document that this program cannot read any more, as it is."""


@dataclass(frozen=True, slots=True)
class StoredRule:
    """A rule as it is now. `version` is that of the whole set that brought it; `owner` is what applied it."""

    rule: Rule
    owner: str
    revision: int
    version: int
    author: str
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class RuleRevision:
    """One revision of a rule that is in force, was once, or is deleted. A deletion holds what was deleted."""

    content: Rule | Unreadable
    owner: str
    revision: int
    version: int
    author: str
    changed_at: datetime
    deleted: bool


@dataclass(frozen=True, slots=True)
class StoredMailbox:
    """The current revision of a mailbox."""

    mailbox: Mailbox
    revision: int
    version: int
    author: str
    changed_at: datetime


def stored_rule(row: Row) -> StoredRule:
    """A row of console.rule."""
    return StoredRule(
        rule=Rule.model_validate_json(row["document"]),
        owner=row["owner"],
        revision=row["revision"],
        version=row["version"],
        author=row["author"],
        changed_at=row["changed_at"],
    )


def rule_revision(row: Row) -> RuleRevision:
    """A row of console.rule_revision."""
    return RuleRevision(
        content=readable(Rule, row["document"]),
        owner=row["owner"],
        revision=row["revision"],
        version=row["version"],
        author=row["author"],
        changed_at=row["changed_at"],
        deleted=row["deleted"],
    )


def readable(model: type[T], document: str) -> T | Unreadable:
    """A stored document, also one from a time when the contract was another."""
    try:
        return model.model_validate_json(document)
    except ValidationError:
        found: Unreadable = json.loads(document)
        return found


def stored_mailbox(row: Row) -> StoredMailbox:
    """A row of console.mailbox."""
    return StoredMailbox(
        mailbox=Mailbox.model_validate_json(row["document"]),
        revision=row["revision"],
        version=row["version"],
        author=row["author"],
        changed_at=row["changed_at"],
    )
