"""`maildesk erase`: forget an address, in every service."""

import asyncio
import json
from contextlib import suppress
from typing import Annotated, Any

import typer

from cli.applying import default_author
from cli.connection import open_database, open_producer
from cli.erase.counting import count
from cli.erase.key import erasure_key
from cli.erase.report import sentences
from cli.erase.status import status_of
from cli.reporting import exit_codes, out
from cli.setup import migrate_all
from runtime.clock import SystemClock
from runtime.errors import InvalidInputError, TransientError
from runtime.postgres import Database
from schemas.comparable import folded_address
from services.console.erasures import ask, publish_erasures
from services.console.reading import list_mailboxes


def erase(
    address: Annotated[str, typer.Option(help="The person's address, such as anna@example.org.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Count what would be emptied; change nothing.")] = False,
    status: Annotated[bool, typer.Option("--status", help="Say how far an erasure is; ask for none.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Have the services forget what an address wrote and was written, up to now. It cannot be taken back.

    Needs the secret ERASURE_KEY, which ingest has too. What was done is not undone, and not done again. Mail on the
    servers, records in Odoo and what lies in Kafka stay. Exit codes: 0 ok, 2 bad input, 3 the database is down,
    or (with --status) a service is not done yet.

    Example: maildesk erase --address anna@example.org --dry-run
    """
    with exit_codes():
        if dry_run and status:
            raise InvalidInputError("say --dry-run or --status, not both")
        if "@" not in address.strip("@ "):
            raise InvalidInputError(f"{address!r} is no address; write it as anna@example.org")
        found = asyncio.run(_counted(address) if dry_run else _told(address) if status else _asked(address))
    if as_json:
        print(json.dumps(found))
    else:
        for line in sentences(found):
            out.print(line, markup=False)
    if status and not found["done"]:
        raise typer.Exit(3)


async def _counted(address: str) -> dict[str, Any]:
    key = erasure_key()
    async with open_database() as database:
        await migrate_all(database)
        await _check(database, address)
        return {"dry_run": True, "rows": await count(database, key, address)}


async def _told(address: str) -> dict[str, Any]:
    digest = erasure_key().digest(address)
    async with open_database() as database:
        await migrate_all(database)
        return await status_of(database, digest)


async def _asked(address: str) -> dict[str, Any]:
    key = erasure_key()
    digest = key.digest(address)
    async with open_database() as database:
        await migrate_all(database)
        await _check(database, address)
        await ask(database, digest, key.check, default_author(), SystemClock().now())
        async with open_producer(required=False) as producer:
            if producer is not None:
                with suppress(TransientError):  # it is written down: the status says that it is not published
                    await publish_erasures(database, producer)
        return await status_of(database, digest)


async def _check(database: Database, address: str) -> None:
    """Raises InvalidInputError for an address of ours: all mail of its mailbox names it."""
    mailboxes = [each.mailbox for each in await list_mailboxes(database)]
    if own := [mailbox.id for mailbox in mailboxes if folded_address(address) in mailbox.own_addresses]:
        raise InvalidInputError(f"{address} is an address of the mailbox {', '.join(own)}; erase those of other people")
