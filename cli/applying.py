"""What `rules apply` and `mailboxes apply` share: store, publish when the broker answers, and say what changed."""

import getpass
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass
from typing import TypeVar

from cli.connection import open_database, open_producer
from cli.reporting import err, out
from cli.rule_warnings import Warned, as_members, print_warnings
from runtime.errors import TransientError
from runtime.migrations import migrate
from runtime.postgres import Database
from schemas.mailbox import Mailbox
from schemas.rule import Rule
from services.console.outbox import publish_pending
from services.console.store import Applied, apply

KINDS = ("created", "updated", "deleted", "unchanged")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Given:
    """What a command applies. `rules` None leaves all rules alone."""

    rules: Sequence[Rule] | None
    mailboxes: Sequence[Mailbox]
    owner: str
    author: str
    warnings: Sequence[Warned] = ()


def default_author() -> str:
    """The name of the user, as the system knows it."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"


async def apply_and_publish(given: Given, *, as_json: bool) -> None:
    """Raises InvalidInputError for a set that is refused, TransientError when the database is down."""
    applied, published = await store_and_publish(
        lambda database: apply(database, given.rules, given.mailboxes, owner=given.owner, author=given.author)
    )
    if as_json:
        members = {**asdict(applied), "published": published, "warnings": as_members(given.warnings)}
        out.print_json(json.dumps(members))
    else:
        print_changes(applied)
        print_warnings(given.warnings)
    if not published:
        print_unpublished(applied.version)


async def store_and_publish(change: Callable[[Database], Awaitable[T]]) -> tuple[T, bool]:
    """What a change of the stored rules returns, and whether everything that is stored is published now."""
    async with open_database() as database:
        await migrate(database, "console")
        done = await change(database)
        return done, await _publish(database)


async def _publish(database: Database) -> bool:
    async with open_producer(required=False) as producer:
        if producer is None:
            return False
        try:
            await publish_pending(database, producer)
        except TransientError:
            return False
    return True


def print_changes(applied: Applied) -> None:
    """A line for each thing that changed, and one that counts them."""
    for name in KINDS[:-1]:
        for key in getattr(applied, name):
            out.print(f"{name:8} {key}", markup=False)
    out.print(f"Version {applied.version}: {counted(applied)}.", markup=False)


def counted(applied: Applied) -> str:
    """How many of each kind."""
    return ", ".join(f"{len(getattr(applied, name))} {name}" for name in KINDS)


def print_unpublished(version: int) -> None:
    """What becomes of a version that the broker did not take."""
    err.print(
        f"Version {version} is stored, but the broker cannot be reached: it will be published by the next "
        "`maildesk rules apply`, `mailboxes apply` or `up` that reaches it.",
        markup=False,
    )
