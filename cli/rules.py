"""`maildesk rules`: apply a file, see what is in force and what was, in sentences or as a file again."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.applying import Given, apply_and_publish, default_author
from cli.backlogs import backlogs
from cli.connection import open_database
from cli.listing import Listing
from cli.reporting import exit_codes
from cli.rule_diff import diff
from cli.rule_export import export, schema
from cli.rule_files import load_rule_file
from cli.rule_history import history, rollback
from cli.rule_plan import show_plan
from cli.rule_preview import preview
from cli.rule_warnings import find_warnings, refuse
from runtime.clock import SystemClock
from runtime.migrations import migrate
from services.console.reading import list_rules
from services.console.stored import StoredRule

app = typer.Typer(no_args_is_help=True, help="Rules: apply a file, see what is in force and what was, go back.")
FILE_HELP = "A YAML file with `rules:`, and optionally `mailbox:` and `mailboxes:`."


@app.command("apply")
def apply_file(
    file: Annotated[Path, typer.Argument(help=FILE_HELP)],
    owner: Annotated[
        str | None,
        typer.Option(help="Under which name the rules of this file are kept; default: the file's full path."),
    ] = None,
    author: Annotated[str | None, typer.Option(help="Who changes them; default: your user name.")] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Change nothing; print what would change, and how.")
    ] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Apply nothing while a rule can never match, or is always hidden.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print what changed as JSON.")] = False,
) -> None:
    """Make the rules of FILE the ones in force: create, update, and delete those that it held before and holds no more.

    All or nothing: with any problem, every problem is named by file, line and field, and nothing changes. Services take
    the new version for the next mail, without a restart. A rule that can never match, or that an earlier rule always
    hides, gets a warning. Exit codes: 0 applied, 2 FILE is wrong, 3 a server is down.

    Example: maildesk rules apply examples/rules.yaml
    """
    with exit_codes():
        found = load_rule_file(file)
        given = Given(found.rules, found.mailboxes, owner or str(file.resolve()), author or default_author())
        warnings = asyncio.run(find_warnings(found, file, given.owner, SystemClock().now().date()))
        if strict:
            refuse(warnings)
        given = replace(given, warnings=warnings)
        asyncio.run((show_plan if dry_run else apply_and_publish)(given, as_json=as_json))


@app.command("list")
def list_all(
    mailbox: Annotated[str | None, typer.Option(help="Only the rules of this mailbox.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False,
) -> None:
    """List the rules in the order in which they are tried.

    Example: maildesk rules list --mailbox support
    """
    with exit_codes():
        found = asyncio.run(_list(mailbox))
    _LISTING.print(found, as_json=as_json)


async def _list(mailbox: str | None) -> list[StoredRule]:
    async with open_database() as database:
        await migrate(database, "console")
        return await list_rules(database, mailbox)


def _cells(stored: StoredRule) -> tuple[str, ...]:
    rule = stored.rule
    actions = ", ".join(action.type for action in rule.actions)
    return (rule.mailbox, str(rule.order), rule.id, rule.trigger, "yes" if rule.enabled else "no", rule.mode, actions)


def _members(stored: StoredRule) -> dict[str, Any]:
    return {"rule": stored.rule.model_dump(mode="json", exclude_none=True), "owner": stored.owner}


_LISTING: Listing[StoredRule] = Listing(
    columns=("Mailbox", "Order", "Rule", "Trigger", "On", "Mode", "Actions"),
    cells=_cells,
    members=_members,
    empty="There are no rules. Apply some: maildesk rules apply FILE",
)
app.command()(diff)
app.command()(preview)
app.command()(backlogs)
app.command()(export)
app.command()(schema)
app.command()(history)
app.command()(rollback)
