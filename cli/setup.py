"""What `maildesk up` puts in place before the services start: schemas, mailboxes, rules, and what a broker forgot."""

from collections.abc import Sequence
from pathlib import Path

from cli.applying import default_author
from cli.patience import one_line_only
from cli.progress import SQL
from cli.state_dir import StateDir
from cli.wanted import Left, Wanted, read_wanted
from runtime.kafka import Producer
from runtime.migrations import migrate
from runtime.postgres import Database
from sandbox.broker import Broker
from services.actions.store import PostgresStore
from services.console.erasures import publish_erasures
from services.console.outbox import publish_pending, republish_all
from services.console.reading import current_version, list_mailboxes
from services.console.store import apply
from services.ingest.erasing.erasures import publish_erased_again
from services.ingest.store import publish_again
from services.ingest.waiting import publish_requests_again

OWNED = ("console", "ingest", "actions", "audit")


async def migrate_all(database: Database) -> None:
    """Bring every service's schema up to date."""
    for service in OWNED:
        await migrate(database, service)


async def prepare(database: Database, state: StateDir, mail: Sequence[str], rules: Path | None) -> Wanted:
    """Store what the options ask for; returns it. Raises InvalidInputError for a file or path that is wrong."""
    await migrate_all(database)
    stored = [each.mailbox.id for each in await list_mailboxes(database)]
    wanted = read_wanted(state, mail, rules, stored)
    author = default_author()
    if wanted.drop is not None:
        await apply(database, (), (), owner=wanted.drop, author=author)
    await apply(database, wanted.rules, wanted.mailboxes, owner=wanted.owner, author=author)
    Left.read(state).write(state, wanted)
    return wanted


async def publish_rules(database: Database, state: StateDir, broker: Broker) -> int:
    """Publish what changed, or all of it to a broker that is new or not the last run's; returns the version in force.

    Such a broker does not have what was on its way either: events and commands that are not finished are queued once
    more, with the same bytes, and so are the dead letters of commands that failed.
    """
    producer = Producer(broker.bootstrap, "maildesk-up")
    try:
        # A topic that was made just now has no leader yet; the client tries again by itself.
        with one_line_only():
            await producer.start()
            if broker.fresh or state.broker != broker.name:
                await _queue_unfinished(database)
                await republish_all(database, producer)
                await publish_erasures(database, producer, again=True)
                await publish_erased_again(database)
            else:
                await publish_pending(database, producer)
                await publish_erasures(database, producer)
    finally:
        await producer.stop()
    state.broker = broker.name
    return await current_version(database)


async def _queue_unfinished(database: Database) -> None:
    events = [row["event_id"] for row in await database.fetch(SQL["forget_published_events"])]
    await publish_again(database, events)
    requests = [row["event_id"] for row in await database.fetch(SQL["forget_published_requests"])]
    await publish_requests_again(database, requests)
    rows = [*await database.fetch(SQL["unfinished_commands"]), *await database.fetch(SQL["failed_commands"])]
    commands = [row["command_id"] for row in rows]
    await PostgresStore(database).publish_again(commands)
