"""`maildesk reconcile`: the proof that no mail was left behind."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

import typer

from cli.connection import bootstrap_servers, open_database
from cli.reconcile.gaps import Gap, Note, kept_from
from cli.reconcile.mending import Mending
from cli.reconcile.opening import opener
from cli.reconcile.records import Records
from cli.reconcile.report import Document, Lines, Report
from cli.reconcile.servers import Servers
from cli.refused import RefusedRecords
from cli.reporting import exit_codes
from cli.setup import migrate_all
from cli.since import parse_since
from runtime.clock import SystemClock
from runtime.errors import InvalidInputError
from runtime.kafka_scan import TopicScan
from runtime.postgres import Database
from schemas.mailbox import Mailbox
from services.audit.settings import AuditSettings
from services.console.reading import list_mailboxes

GRACE_SECONDS = 600


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line asks for."""

    mailboxes: Sequence[str]
    since: datetime | None
    grace: timedelta
    mend: bool


def reconcile(
    mailboxes: Annotated[list[str] | None, typer.Argument(help="Mailboxes' ids; left out: all.")] = None,
    since: Annotated[
        str | None, typer.Option(help="Only mail received then or later: a time, or an age such as 7d.")
    ] = None,
    grace: Annotated[
        int, typer.Option(min=0, max=604_800, help="Seconds that a mail may be on its way, from step to step.")
    ] = GRACE_SECONDS,
    mend: Annotated[
        bool, typer.Option("--mend", help="Have what is missing read, or published, again; nothing is done twice.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Prove that every mail on the servers is in the ledger, published, decided, and acted on; name each gap.

    Lists every folder that is read, with the secrets that ingest uses, and changes nothing there. What ended as a dead
    letter is no gap. Exit codes: 0 no gap, 1 gaps (also when they were mended: run it again), 2 no such mailbox, 3 the
    database is down.

    Example: maildesk reconcile sales --since 7d
    """
    report: Report = Document() if as_json else Lines()
    with exit_codes():
        after = parse_since(since) if since else None
        asyncio.run(_reconcile(Asked(mailboxes or (), after, timedelta(seconds=grace), mend), report))
    if report.gaps:
        raise typer.Exit(1)


async def _reconcile(asked: Asked, report: Report) -> None:
    clock, bootstrap = SystemClock(), bootstrap_servers()
    refused = RefusedRecords(lambda topics: TopicScan(bootstrap, topics, "maildesk-cli"), clock) if bootstrap else None
    kept = kept_from(clock.now(), AuditSettings().audit_retention_months)
    async with open_database() as database:
        await migrate_all(database)
        chosen = await _chosen(database, asked.mailboxes)
        async with opener(chosen) as opened:
            servers = Servers(database, opened, clock, mend=asked.mend)
            records = Records(database, refused, clock, asked.grace, kept)
            mended = await compare(chosen, asked, (servers, records), Mending(database), report)
    report.close(mended if asked.mend else None)


async def compare(
    chosen: Sequence[Mailbox], asked: Asked, legs: tuple[Servers, Records], mending: Mending, report: Report
) -> int:
    """Both legs of each mailbox; returns how many gaps were mended by publishing again."""
    servers, records = legs
    for mailbox in chosen:
        for note in _switched_off(mailbox):
            report.take(note)
        async for found in servers.compare(mailbox, asked.since.date() if asked.since else None):
            report.take(found)
        async for found in records.compare(mailbox.id, asked.since):
            report.take(found)
            if asked.mend and isinstance(found, Gap):
                await mending.take(found)
    await mending.finish()
    return mending.mended


async def _chosen(database: Database, wanted: Sequence[str]) -> list[Mailbox]:
    known = {each.mailbox.id: each.mailbox for each in await list_mailboxes(database)}
    if unknown := sorted(set(wanted) - set(known)):
        raise InvalidInputError(f"there is no mailbox {', '.join(unknown)}; known: {', '.join(known) or 'none yet'}")
    return [mailbox for name, mailbox in known.items() if not wanted or name in wanted]


def _switched_off(mailbox: Mailbox) -> list[Note]:
    switches = {"automation": mailbox.automation, "incoming": mailbox.incoming, "after_send": mailbox.after_send}
    off = [name for name, on in switches.items() if not on]
    return (
        [Note(mailbox.id, f"{', '.join(off)} switched off: its mail is recorded and decided, not acted on")]
        if off
        else []
    )
