"""`maildesk dlq`: what could not be handled, on all `<topic>-dlq` topics."""

import asyncio
from typing import Annotated

import typer

from cli.applying import default_author
from cli.dlq_handling import Asked, How
from cli.dlq_open import open_scan, topics_of
from cli.dlq_report import print_letter, print_list
from cli.dlq_survey import Kept, Sought, Survey, letters, survey
from cli.dlq_work import Manner, check_ids, work
from cli.reporting import err, exit_codes
from cli.since import parse_since

MAX_SHOWN = 20

app = typer.Typer(
    no_args_is_help=True, help="Dead letters: list, look at, retry and discard what could not be handled."
)

Letters = Annotated[
    list[str] | None,
    typer.Argument(help="Letters, as TOPIC:PARTITION:OFFSET; or the id of a command or mail.", metavar="LETTER"),
]
Topic = Annotated[str | None, typer.Option(help="Only this topic, such as mail-arrived.")]
Type = Annotated[str | None, typer.Option(help="Only failed commands of this action type, such as crm_lead.")]
Rule = Annotated[str | None, typer.Option(help="Only failed commands of this rule.")]
Mailbox = Annotated[str | None, typer.Option(help="Only failed commands of this mailbox.")]
Code = Annotated[str | None, typer.Option(help="Only letters with this code, such as odoo-access.")]
Since = Annotated[str | None, typer.Option(help="Only since a time, or an age such as 30m, 12h, 7d.")]
Limit = Annotated[int, typer.Option(min=1, max=100_000, help="Letters at most, the oldest first.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be done; change nothing.")]
Force = Annotated[
    bool, typer.Option("--force-unknown", help="Also what may have acted, such as a reply that may have been sent.")
]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask before many are handled.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print everything as JSON.")]


@app.command("list")
def list_letters(
    topic: Topic = None,
    type: Type = None,  # noqa: A002 - the name of the option
    rule: Rule = None,
    mailbox: Mailbox = None,
    code: Code = None,
    since: Since = None,
    limit: Annotated[int, typer.Option(min=1, max=1_000, help="Letters shown, newest first; all are counted.")] = 50,
    as_json: AsJson = False,
) -> None:
    """List the dead letters that nobody has retried or discarded, and count them by topic and code.

    Exit codes: 0 ok (also when there is none), 2 bad input, 3 the broker is down.

    Example: maildesk dlq list --code odoo-access --since 1d
    """
    with exit_codes():
        after = parse_since(since) if since else None
        sought = Sought(topics_of(topic, type), type=type, rule=rule, mailbox=mailbox, code=code, since=after)
        found, shown = asyncio.run(_listed(sought, limit))
    print_list(found, shown, as_json=as_json)


@app.command()
def show(
    letters: Annotated[list[str], typer.Argument(help="Letters, as in `list`; or a command's id.", metavar="LETTER")],
    payload: Annotated[bool, typer.Option("--payload", help="Print the record too. It may hold mail.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show dead letters whole: why, where from, their headers, and whether somebody handled them.

    Exit codes: 0 ok, 2 no such letter, 3 the broker is down.

    Example: maildesk dlq show mail-arrived-dlq:0:17
    """
    with exit_codes():
        found, shown = asyncio.run(_shown(Sought(topics_of(None, None), ids=frozenset(letters))))
    for kept in shown:
        print_letter(kept, found.marks.get(kept.letter.id), payload=payload, as_json=as_json)


@app.command()
def retry(
    letters: Letters = None,
    topic: Topic = None,
    type: Type = None,  # noqa: A002 - the name of the option
    rule: Rule = None,
    mailbox: Mailbox = None,
    code: Code = None,
    since: Since = None,
    limit: Limit = 1_000,
    dry_run: DryRun = False,
    force_unknown: Force = False,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Put the records of dead letters back on their topics; of failed commands as `maildesk retry` does.

    Nothing is done twice, however often it is said. Exit codes: 0 ok, 1 some letters cannot be retried, 2 bad input,
    3 the broker is down.

    Example: maildesk dlq retry --topic mail-arrived --yes
    """
    with exit_codes():
        after = parse_since(since) if since else None
        ids = frozenset(letters or ())
        sought = Sought(topics_of(topic, type), ids, type, rule, mailbox, code, after)
        asked = Asked("retried", default_author(), dry_run, force_unknown)
        work(sought, asked, Manner(limit, yes, as_json))


@app.command()
def discard(
    letters: Letters = None,
    topic: Topic = None,
    type: Type = None,  # noqa: A002 - the name of the option
    rule: Rule = None,
    mailbox: Mailbox = None,
    code: Code = None,
    since: Since = None,
    limit: Limit = 1_000,
    dry_run: DryRun = False,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Mark dead letters as handled, so that they are no longer listed or retried. Kafka keeps them for 90 days.

    Exit codes: 0 ok, 2 bad input, 3 the broker is down.

    Example: maildesk dlq discard actions-tag-dlq:0:17
    """
    with exit_codes():
        after = parse_since(since) if since else None
        ids = frozenset(letters or ())
        sought = Sought(topics_of(topic, type), ids, type, rule, mailbox, code, after)
        how: How = "discarded"
        work(sought, Asked(how, default_author(), dry_run), Manner(limit, yes, as_json))


async def _listed(sought: Sought, limit: int) -> tuple[Survey, list[Kept]]:
    async with open_scan(sought.topics) as scan:
        with err.status("reading the dead letters"):
            found = await survey(scan, sought)
        shown = [kept async for kept in letters(scan, [each.place for each in found.open[-limit:]])]
        return found, sorted(shown, key=lambda kept: kept.letter.at, reverse=True)


async def _shown(sought: Sought) -> tuple[Survey, list[Kept]]:
    async with open_scan(sought.topics) as scan:
        found = await survey(scan, sought)
        check_ids(found)
        places = [each.place for each in found.found.values()][:MAX_SHOWN]
        return found, [kept async for kept in letters(scan, places)]
