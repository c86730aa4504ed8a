"""`maildesk doctor`: its options, its exit codes, and `maildesk doctor route`."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from cli.doctor.checking import run_checks
from cli.doctor.finding import Finding
from cli.doctor.gathering import Asked, gathered
from cli.doctor.looks import PARTS, looks
from cli.doctor.report import print_report
from cli.doctor.route import route
from cli.patience import one_line_only
from cli.reporting import BAD_INPUT, err
from runtime.errors import InvalidInputError, MaildeskError

app = typer.Typer(invoke_without_command=True)
app.command("route")(route)


@app.callback(invoke_without_command=True)
def doctor(
    context: typer.Context,
    mailbox: Annotated[str | None, typer.Option(help="Only this mailbox, and what all need.")] = None,
    file: Annotated[
        Path | None, typer.Option(help="A file of mailboxes and rules to look at, instead of what is applied.")
    ] = None,
    offline: Annotated[
        list[str] | None, typer.Option(help=f"Leave a part out: {', '.join(PARTS)}. May be given more than once.")
    ] = None,
    seconds: Annotated[float, typer.Option(min=0.1, max=60, help="The longest wait for any one answer.")] = 5.0,
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,
) -> None:
    """Look at everything that MailDesk needs: mailboxes, SMTP, Odoo, Kafka, Postgres, the services that run here.

    Says what is wrong and what to do, one finding a line, each with a code that does not change. It only reads, and
    logs in once to each account. Exit codes: 0 nothing is wrong, 1 something is, 2 it could not look.

    Example: maildesk doctor --mailbox support --offline kafka
    """
    if context.invoked_subcommand is not None:
        return
    asked = Asked(mailbox, file, tuple(offline or ()), seconds)
    try:
        found, count = asyncio.run(examine(asked))
    except MaildeskError as error:
        err.print(error.text, markup=False, style="red")
        raise typer.Exit(BAD_INPUT) from None
    print_report(found, count, as_json=as_json)
    if found:
        raise typer.Exit(1)


async def examine(asked: Asked) -> tuple[list[Finding], int]:
    """What was found, and how many looks were taken. Raises MaildeskError where there is nothing to look at."""
    if unknown := sorted(set(asked.offline) - set(PARTS)):
        raise InvalidInputError(f"--offline {', '.join(unknown)}: there is no such part; there are: {', '.join(PARTS)}")
    async with gathered(asked) as (house, troubles):
        wanted = looks(house, asked.offline)
        with one_line_only():
            found = await run_checks(house, wanted)
        return [*troubles, *found], len(wanted) + len(troubles)
