"""Applies sets of rules and mailboxes: all or nothing, every change a revision, every version one outbox."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from runtime.kafka import Outgoing
from runtime.postgres import Database, Session
from runtime.queries import load_queries
from schemas.mailbox import Mailbox
from schemas.rule import MailboxChanged, Rule, RulesetPublished
from services.console.activations import activations
from services.console.cutoff import settled
from services.console.differences import Difference, differences
from services.console.plan import Plan, Stored, check_new, make_plan, plan_rule
from services.console.records import change, rule_changed, rule_deleted
from services.console.rollback import earlier
from services.console.stored import rule_revision

_QUERIES = load_queries("services.console")


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of a set, as record keys (`rule/<id>`, `mailbox/<id>`), and the version that is current now."""

    created: tuple[str, ...]
    updated: tuple[str, ...]
    deleted: tuple[str, ...]
    unchanged: tuple[str, ...]
    version: int

    @property
    def changed(self) -> bool:
        """Whether there is anything new to publish."""
        return bool(self.created or self.updated or self.deleted)


async def apply(
    database: Database,
    rules: Sequence[Rule] | None,
    mailboxes: Sequence[Mailbox],
    *,
    owner: str,
    author: str,
    only_new: bool = False,
) -> Applied:
    """Make the rules of `owner` exactly these, and save these mailboxes; `rules` None leaves all rules alone.

    Rules that the owner applied before and that are not given any more are deleted; mailboxes never are. Raises
    InvalidInputError, with nothing changed, when a rule belongs to another owner or names an unknown mailbox, and with
    `only_new` when the owner has rules, or a rule is there already.
    """
    async with database.transaction() as session:
        version = int(await session.fetchval(_QUERIES["lock_version"]))
        stored = await _load(session)
        if only_new:
            check_new(stored, rules or (), owner)
        plan = make_plan(stored, rules, await _settled(session, stored, mailboxes), owner)
        return await _carried_out(session, stored, plan, version, owner=owner, author=author)


@dataclass(frozen=True, slots=True)
class Proposal:
    """What is stored in `version`, and what applying a set would change of it."""

    version: int
    stored: Stored
    plan: Plan


async def propose(
    database: Database, rules: Sequence[Rule] | None, mailboxes: Sequence[Mailbox], *, owner: str
) -> Proposal:
    """What `apply` would do now, in a transaction that cannot write; refuses what `apply` refuses."""
    async with database.transaction() as session:
        await session.execute(_QUERIES["read_only"])
        version = int(await session.fetchval(_QUERIES["version"]))
        stored = await _load(session)
        mailboxes = await _settled(session, stored, mailboxes)
    return Proposal(version, stored, make_plan(stored, rules, mailboxes, owner))


async def preview(
    database: Database, rules: Sequence[Rule] | None, mailboxes: Sequence[Mailbox], *, owner: str
) -> tuple[Applied, tuple[Difference, ...]]:
    """The same as keys, and as what is replaced beside what replaces it."""
    found = await propose(database, rules, mailboxes, owner=owner)
    return _applied(found.plan, found.version), differences(found.stored, found.plan)


async def roll_back(database: Database, rule_id: str, revision: int, *, author: str) -> tuple[Applied, str]:
    """Save what a rule said in an earlier revision as its newest one; returns also its owner. Other rules stay.

    The owner is the one that has the rule now, or that had it when it was deleted. Raises InvalidInputError, with
    nothing changed, when there is no such revision, when it is a deletion, or when its mailbox is not known.
    """
    async with database.transaction() as session:
        version = int(await session.fetchval(_QUERIES["lock_version"]))
        history = [rule_revision(row) for row in await session.fetch(_QUERIES["rule_revisions"], rule_id)]
        rule = earlier(rule_id, history, revision)
        owner = history[-1].owner
        stored = await _load(session)
        applied = await _carried_out(session, stored, plan_rule(stored, rule), version, owner=owner, author=author)
    return applied, owner


async def _carried_out(
    session: Session, stored: Stored, plan: Plan, version: int, *, owner: str, author: str
) -> Applied:
    if not plan.empty:
        version = int(await session.fetchval(_QUERIES["raise_version"]))
        await _save(session, _Revisions(version, author, owner, stored, await _last_revisions(session)), plan)
    return _applied(plan, version)


def _applied(plan: Plan, version: int) -> Applied:
    def keys(mailboxes: Sequence[Mailbox], rules: Sequence[Rule]) -> tuple[str, ...]:
        return tuple([f"mailbox/{each.id}" for each in mailboxes] + [f"rule/{each.id}" for each in rules])

    return Applied(
        created=keys(plan.mailboxes.created, plan.rules.created),
        updated=keys(plan.mailboxes.updated, plan.rules.updated),
        deleted=tuple(f"rule/{each}" for each in plan.deleted),
        unchanged=keys(plan.mailboxes.unchanged, plan.rules.unchanged),
        version=version,
    )


@dataclass(frozen=True, slots=True)
class _Revisions:
    """What a new revision is made with."""

    version: int
    author: str
    owner: str
    stored: Stored
    last: dict[str, int]

    def of_rule(self, rule: Rule) -> int:
        """A rule that comes back after a deletion goes on counting, so that a revision is never ambiguous."""
        return self.last.get(rule.id, 0) + 1

    def of_mailbox(self, mailbox: Mailbox) -> int:
        row = self.stored.mailboxes.get(mailbox.id)
        return int(row["revision"]) + 1 if row else 1


async def _load(session: Session) -> Stored:
    mailboxes = await session.fetch(_QUERIES["mailboxes"])
    rules = await session.fetch(_QUERIES["rules"])
    return Stored({row["id"]: row for row in mailboxes}, {row["id"]: row for row in rules})


async def _settled(session: Session, stored: Stored, mailboxes: Sequence[Mailbox]) -> Sequence[Mailbox]:
    return settled(mailboxes, stored.mailboxes, await session.fetchval(_QUERIES["moment"])) if mailboxes else ()


async def _last_revisions(session: Session) -> dict[str, int]:
    return {row["id"]: int(row["revision"]) for row in await session.fetch(_QUERIES["last_rule_revisions"])}


async def _save(session: Session, new: _Revisions, plan: Plan) -> None:
    mailboxes = {each.id: (new.of_mailbox(each), each) for each in plan.mailboxes.saved}
    rules = {each.id: (new.of_rule(each), each) for each in plan.rules.saved}
    await session.execute(_QUERIES["save_mailboxes"], *_columns(mailboxes, new))
    await session.execute(_QUERIES["save_rules"], *_columns(rules, new), new.owner)
    await session.execute(_QUERIES["delete_rules"], list(plan.deleted), new.version, new.author)
    records = [change(MailboxChanged(version=new.version, mailbox=each)) for _, each in mailboxes.values()]
    activated = await activations(session, list(rules))
    records += [rule_changed(new.version, n, each, activated.get(each.id, 0)) for n, each in rules.values()]
    records += [rule_deleted(each, new.version) for each in plan.deleted]
    records.append(change(RulesetPublished(version=new.version)))
    await _enqueue(session, new.version, records)


def _columns(
    saved: dict[str, tuple[int, Rule]] | dict[str, tuple[int, Mailbox]], new: _Revisions
) -> tuple[list[str], list[int], int, list[str], str]:
    documents = [each.model_dump_json() for _, each in saved.values()]
    return list(saved), [revision for revision, _ in saved.values()], new.version, documents, new.author


async def _enqueue(session: Session, version: int, records: Sequence[Outgoing]) -> None:
    headers = [json.dumps([[name, value.decode()] for name, value in record.headers]) for record in records]
    keys, values = [record.key for record in records], [record.value for record in records]
    await session.execute(_QUERIES["enqueue"], version, keys, values, headers)
