"""`maildesk rules diff`: which recorded mails the rules of a file would treat differently."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from cli.connection import open_database
from cli.reporting import exit_codes, out
from cli.rule_diff_report import print_report
from cli.rule_diff_rows import as_json as document
from cli.rule_diff_run import Compared, compare
from cli.rule_diff_sets import Sets, sets_of
from cli.rule_files import RuleFile, load_rule_file
from cli.since import parse_since
from runtime.errors import InvalidInputError
from runtime.migrations import migrate
from services.console.store import propose


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line asked for."""

    file: RuleFile
    owner: str
    since: datetime
    mailboxes: Sequence[str]
    examples: int


def diff(
    file: Annotated[Path, typer.Argument(help="A rule file, as `rules apply` takes it.")],
    since: Annotated[str, typer.Option(help="From when on mails are compared: 90d, 12h, 2026-05-01.")] = "90d",
    mailbox: Annotated[list[str] | None, typer.Option(help="Only mails of this mailbox; may be repeated.")] = None,
    owner: Annotated[str | None, typer.Option(help="As in `rules apply`; default: the file's full path.")] = None,
    examples: Annotated[int, typer.Option(min=0, max=1000, help="Mails shown for each rule and kind.")] = 5,
    as_json: Annotated[bool, typer.Option("--json", help="Print counts and examples as one JSON document.")] = False,
) -> None:
    """Say which recorded mails would be treated differently if FILE were applied, rule by rule. Nothing is done.

    Decides every mail twice, with the rules in force and with those of FILE, from the facts that its event froze. A
    mail whose event lacks what a rule needs counts as undecidable. Exit codes: 0 compared, also with differences; 2
    FILE or an option is wrong, 3 the database is down.

    Example: maildesk rules diff rules.yaml --since 90d
    """
    with exit_codes():
        asked = Asked(
            load_rule_file(file),
            owner or str(file.resolve()),
            parse_since(since, datetime.now(UTC)),
            mailbox or (),
            examples,
        )
        found = asyncio.run(_compare(asked))
    if as_json:
        print(json.dumps(document(found)))
    elif found.sets.changes or found.sets.mailboxes:
        print_report(found)
    else:
        out.print("Nothing would change: the file says what is in force.", markup=False)


async def _compare(asked: Asked) -> Compared:
    async with open_database() as database:
        for service in ("console", "ingest"):
            await migrate(database, service)
        proposal = await propose(database, asked.file.rules, asked.file.mailboxes, owner=asked.owner)
        return await compare(database, _only(sets_of(proposal), asked.mailboxes), asked.since, asked.examples)


def _only(sets: Sets, mailboxes: Sequence[str]) -> Sets:
    known = {*sets.before.mailboxes, *sets.after.mailboxes}
    for each in mailboxes:
        if each not in known:
            raise InvalidInputError(f"there is no mailbox {each}; known: {', '.join(sorted(known)) or 'none yet'}")
    return sets.in_mailboxes(mailboxes) if mailboxes else sets
