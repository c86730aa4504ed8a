"""What the console's store answers."""

from runtime.postgres import Database
from runtime.queries import load_queries
from schemas.mailbox import Mailbox
from schemas.rule import Rule
from services.console.stored import (
    RuleRevision,
    StoredMailbox,
    StoredRule,
    readable,
    rule_revision,
    stored_mailbox,
    stored_rule,
)

_QUERIES = load_queries("services.console")


async def list_rules(database: Database, mailbox: str | None = None) -> list[StoredRule]:
    """The current rules, of one mailbox or of all, in the order in which they are tried."""
    rows = await database.fetch(_QUERIES["rules"])
    found = [stored_rule(row) for row in rows]
    return [each for each in found if mailbox is None or each.rule.mailbox == mailbox]


async def rules_of_others(database: Database, owner: str) -> list[Rule]:
    """The current rules of all other owners, as far as this program can read them."""
    rows = [row for row in await database.fetch(_QUERIES["rules"]) if row["owner"] != owner]
    return [rule for row in rows if isinstance(rule := readable(Rule, row["document"]), Rule)]


async def get_rule(database: Database, rule_id: str) -> StoredRule | None:
    """The current revision of a rule."""
    row = await database.fetchrow(_QUERIES["rule"], rule_id)
    return stored_rule(row) if row else None


async def rule_history(database: Database, rule_id: str) -> list[RuleRevision]:
    """Every revision of a rule, the oldest first; deletions are revisions of their own."""
    return [rule_revision(row) for row in await database.fetch(_QUERIES["rule_revisions"], rule_id)]


async def list_mailboxes(database: Database) -> list[StoredMailbox]:
    """The current mailboxes, by id."""
    return [stored_mailbox(row) for row in await database.fetch(_QUERIES["mailboxes"])]


async def known_rules(database: Database) -> list[Rule]:
    """The current rules, as far as this program can read them."""
    rows = await database.fetch(_QUERIES["rules"])
    return [rule for row in rows if isinstance(rule := readable(Rule, row["document"]), Rule)]


async def known_mailboxes(database: Database) -> list[Mailbox]:
    """The current mailboxes, as far as this program can read them."""
    rows = await database.fetch(_QUERIES["mailboxes"])
    return [box for row in rows if isinstance(box := readable(Mailbox, row["document"]), Mailbox)]


async def get_mailbox(database: Database, mailbox_id: str) -> StoredMailbox | None:
    """The current revision of a mailbox."""
    row = await database.fetchrow(_QUERIES["mailbox"], mailbox_id)
    return stored_mailbox(row) if row else None


async def current_version(database: Database) -> int:
    """The version of the whole set; 0 when nothing was ever applied."""
    return int(await database.fetchval(_QUERIES["version"]))
