"""What `maildesk up` puts in place before the services start: schemas, mailboxes, rules, and what a broker forgot."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cli.applying import default_author
from cli.progress import SQL
from cli.rule_files import load_rule_file
from cli.sources import default_name, mailbox_for, source_of, split_name
from runtime.kafka import Producer
from runtime.migrations import migrate
from runtime.postgres import Database
from sandbox.sample_mail import seed_maildir
from schemas.mailbox import Mailbox
from schemas.rule import Rule
from services.actions.store import PostgresStore
from services.console.outbox import publish_pending, republish_all
from services.console.reading import current_version, list_mailboxes
from services.console.store import apply
from services.ingest.store import publish_again

OWNED = ("console", "ingest", "actions", "audit")
OWNER = "maildesk up"
EXAMPLES = Path(__file__).resolve().parent.parent / "examples"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command line asked for. `rules` None leaves the stored rules as they are."""

    mailboxes: tuple[Mailbox, ...]
    rules: tuple[Rule, ...] | None
    reads: tuple[str, ...]


def read_wanted(mail: Sequence[str], rules: Path | None, sample_home: Path, stored: bool) -> Wanted:
    """From the options. With nothing given and nothing stored: the sample mail and rules.

    An unnamed source takes the name of the rules file's next mailbox that has none, else one made of its path.
    Raises InvalidInputError for a file or path that is wrong.
    """
    if not mail and rules is None and not stored:
        maildir = sample_home / "mail" / "support"
        maildir.parent.mkdir(parents=True, exist_ok=True)
        seed_maildir(EXAMPLES / "mail", maildir)
        mail, rules = (f"support={maildir}",), EXAMPLES / "rules.yaml"
    found = load_rule_file(rules) if rules is not None else None
    known = {mailbox.id: mailbox for mailbox in found.mailboxes} if found else {}
    named = dict(known)
    free = list(dict.fromkeys([*known, *(rule.mailbox for rule in found.rules)])) if found else []
    reads: list[str] = []
    for value in mail:
        name, place = split_name(value)
        name = name or next((each for each in free if each not in reads), None) or default_name(place)
        named[name] = mailbox_for(name, place, known.get(name))
        reads.append(name)
    return Wanted(tuple(named.values()), tuple(found.rules) if found else None, tuple(dict.fromkeys(reads)))


def check_inputs(mail: Sequence[str], rules: Path | None) -> None:
    """Raises InvalidInputError for what `read_wanted` would refuse, before anything is started."""
    for value in mail:
        source_of(split_name(value)[1])
    if rules is not None:
        load_rule_file(rules)


async def prepare(database: Database, wanted: Wanted) -> tuple[str, ...]:
    """Bring the schemas up to date and store what is wanted; returns the mailboxes that are to be read."""
    for service in OWNED:
        await migrate(database, service)
    await apply(database, wanted.rules, wanted.mailboxes, owner=OWNER, author=default_author())
    stored = [each.mailbox.id for each in await list_mailboxes(database)]
    return wanted.reads or tuple(stored)


async def publish_rules(database: Database, bootstrap: str, *, fresh: bool) -> int:
    """Publish what changed, or all of it to a broker that is new; returns the version in force.

    A new broker has also lost what was on its way: events and commands that are not finished are queued once more,
    with the same bytes.
    """
    producer = Producer(bootstrap, "maildesk-up")
    try:
        await producer.start()
        if fresh:
            await _queue_unfinished(database)
            await republish_all(database, producer)
        else:
            await publish_pending(database, producer)
    finally:
        await producer.stop()
    return await current_version(database)


async def _queue_unfinished(database: Database) -> None:
    events = [row["event_id"] for row in await database.fetch(SQL["forget_published_events"])]
    await publish_again(database, events)
    commands = [row["command_id"] for row in await database.fetch(SQL["unfinished_commands"])]
    await PostgresStore(database).publish_again(commands)
