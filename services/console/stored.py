"""Rules and mailboxes as they are kept: with revision, version, author and time."""

from dataclasses import dataclass
from datetime import datetime

from runtime.postgres import Row
from schemas.mailbox import Mailbox
from schemas.rule import Rule


@dataclass(frozen=True, slots=True)
class StoredRule:
    """One revision of a rule. `version` is that of the whole set that brought it; `owner` is what applied it."""

    rule: Rule
    owner: str
    revision: int
    version: int
    author: str
    changed_at: datetime
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class StoredMailbox:
    """The current revision of a mailbox."""

    mailbox: Mailbox
    revision: int
    version: int
    author: str
    changed_at: datetime


def stored_rule(row: Row) -> StoredRule:
    """A row of console.rule or console.rule_revision."""
    return StoredRule(
        rule=Rule.model_validate_json(row["document"]),
        owner=row["owner"],
        revision=row["revision"],
        version=row["version"],
        author=row["author"],
        changed_at=row["changed_at"],
        deleted=bool(dict(row).get("deleted", False)),
    )


def stored_mailbox(row: Row) -> StoredMailbox:
    """A row of console.mailbox."""
    return StoredMailbox(
        mailbox=Mailbox.model_validate_json(row["document"]),
        revision=row["revision"],
        version=row["version"],
        author=row["author"],
        changed_at=row["changed_at"],
    )
