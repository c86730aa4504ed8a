"""Publishes what was applied: one version after the other, in order, by one publisher at a time."""

import json
from collections.abc import Sequence
from typing import Protocol

from runtime.kafka import Outgoing
from runtime.postgres import Database, Row, Session
from runtime.queries import load_queries
from schemas.rule import MailboxChanged, RulesetPublished
from schemas.topics import AUTOMATION_RULES
from services.console.activations import activations
from services.console.records import PARTITION, change, rule_changed, rule_deleted
from services.console.stored import stored_mailbox, stored_rule

_QUERIES = load_queries("services.console")


class Sink(Protocol):
    """Where records go."""

    async def send_all(self, records: Sequence[Outgoing]) -> None:
        """All of them, in order, acknowledged; raises TransientError when any is not."""


async def publish_pending(database: Database, producer: Sink) -> int:
    """Publish every version that is not marked yet; returns how many records.

    A version is marked after it is acknowledged as a whole, before the next begins. So a crash repeats one version
    with the same bytes and nothing older or newer, and readers never go back. Two at once wait for each other.
    """
    published = 0
    while True:
        async with database.transaction() as session:
            await session.execute(_QUERIES["lock_publishing"])
            rows = await session.fetch(_QUERIES["oldest_pending_version"])
            if not rows:
                return published
            await producer.send_all([_outgoing(row) for row in rows])
            await session.execute(_QUERIES["mark_published"], [row["position"] for row in rows])
        published += len(rows)


async def republish_all(database: Database, producer: Sink) -> int:
    """Publish the whole current state once more, for a broker that is new and empty; returns how many records."""
    published = await publish_pending(database, producer)
    async with database.transaction() as session:
        await session.execute(_QUERIES["lock_publishing"])
        version = int(await session.fetchval(_QUERIES["lock_version"]))
        records = await _everything(session) if version else []
        if records:
            await producer.send_all([*records, change(RulesetPublished(version=version))])
    return published + len(records) + bool(records)


async def _everything(session: Session) -> list[Outgoing]:
    mailboxes = [stored_mailbox(row) for row in await session.fetch(_QUERIES["mailboxes"])]
    rules = [stored_rule(row) for row in await session.fetch(_QUERIES["rules"])]
    records = [change(MailboxChanged(version=each.version, mailbox=each.mailbox)) for each in mailboxes]
    activated = await activations(session, [each.rule.id for each in rules])
    records += [rule_changed(each.version, each.revision, each.rule, activated.get(each.rule.id, 0)) for each in rules]
    records += [rule_deleted(row["id"], row["version"]) for row in await session.fetch(_QUERIES["deleted_rules"])]
    return records


def _outgoing(row: Row) -> Outgoing:
    headers = [(name, value.encode()) for name, value in json.loads(row["headers"])]
    return Outgoing(AUTOMATION_RULES.name, bytes(row["key"]), row["value"], headers, partition=PARTITION)
