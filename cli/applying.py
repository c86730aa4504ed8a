"""What `rules apply` and `mailboxes apply` share: store, publish when the broker answers, and say what changed."""

import getpass
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from cli.connection import open_database, open_producer
from cli.reporting import err, out
from runtime.errors import TransientError
from runtime.migrations import migrate
from runtime.postgres import Database
from schemas.mailbox import Mailbox
from schemas.rule import Rule
from services.console.outbox import publish_pending
from services.console.store import Applied, apply


@dataclass(frozen=True, slots=True)
class Given:
    """What a command applies. `rules` None leaves all rules alone."""

    rules: Sequence[Rule] | None
    mailboxes: Sequence[Mailbox]
    owner: str
    author: str


def default_author() -> str:
    """The name of the user, as the system knows it."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"


async def apply_and_publish(given: Given, *, as_json: bool) -> None:
    """Raises InvalidInputError for a set that is refused, TransientError when the database is down."""
    async with open_database() as database:
        await migrate(database, "console")
        applied = await apply(database, given.rules, given.mailboxes, owner=given.owner, author=given.author)
        published = await _publish(database)
    _report(applied, published=published, as_json=as_json)


async def _publish(database: Database) -> bool:
    """Whether everything that is stored is published now."""
    async with open_producer(required=False) as producer:
        if producer is None:
            return False
        try:
            await publish_pending(database, producer)
        except TransientError:
            return False
    return True


def _report(applied: Applied, *, published: bool, as_json: bool) -> None:
    if as_json:
        out.print_json(json.dumps({**asdict(applied), "published": published}))
    else:
        for name in ("created", "updated", "deleted"):
            for key in getattr(applied, name):
                out.print(f"{name:8} {key}", markup=False)
        counts = ", ".join(
            f"{len(getattr(applied, name))} {name}" for name in ("created", "updated", "deleted", "unchanged")
        )
        out.print(f"Version {applied.version}: {counts}.", markup=False)
    if not published:
        err.print(
            f"Version {applied.version} is stored, but the broker cannot be reached: it will be published by the next "
            "`maildesk rules apply`, `mailboxes apply` or `up` that reaches it.",
            markup=False,
        )
