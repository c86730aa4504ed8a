"""The rules and mailboxes as they were in a version of the whole set, from their revisions."""

from typing import NamedTuple

from runtime.postgres import Database
from runtime.queries import load_queries
from services.console.stored import StoredMailbox, StoredRule, stored_mailbox, stored_rule

_QUERIES = load_queries("services.console")


class PastSet(NamedTuple):
    """What was stored when a version was published, in no particular order."""

    rules: tuple[StoredRule, ...]
    mailboxes: tuple[StoredMailbox, ...]


async def set_as_of(database: Database, version: int) -> PastSet:
    """Everything that was in force in that version. A deleted rule is there until the version that deleted it."""
    rules = await database.fetch(_QUERIES["rules_as_of"], version)
    mailboxes = await database.fetch(_QUERIES["mailboxes_as_of"], version)
    return PastSet(tuple(map(stored_rule, rules)), tuple(map(stored_mailbox, mailboxes)))
