"""`maildesk rules apply --dry-run`: what would change, with the text of it, and nothing changed."""

import json
from dataclasses import asdict

from cli.applying import KINDS, Given, counted
from cli.connection import open_database
from cli.reporting import out
from cli.rule_text import diff
from cli.rule_warnings import as_members, print_warnings
from runtime.migrations import migrate
from services.console.differences import Difference
from services.console.store import Applied, preview

_VERBS = {"created": "create", "updated": "update", "deleted": "delete"}


async def show_plan(given: Given, *, as_json: bool) -> None:
    """Raises InvalidInputError for a set that `apply` would refuse, TransientError when the database is down."""
    async with open_database() as database:
        await migrate(database, "console")
        planned, found = await preview(database, given.rules, given.mailboxes, owner=given.owner)
    updates = {each.key: _diff(each) for each in found if each.before is not None and each.after is not None}
    if as_json:
        members = {**asdict(planned), "dry_run": True, "diffs": updates, "warnings": as_members(given.warnings)}
        out.print_json(json.dumps(members))
    else:
        _print(planned, updates)
        print_warnings(given.warnings)


def _diff(change: Difference) -> str:
    return diff(change.before, change.after, (f"{change.key} in force", f"{change.key} in the file"))


def _print(planned: Applied, updates: dict[str, str]) -> None:
    for name in KINDS[:-1]:
        for key in getattr(planned, name):
            print(f"would {_VERBS[name]}  {key}")
            if key in updates:
                print(updates[key])
    print(f"Dry run on version {planned.version}, nothing changed. It would be: {counted(planned)}.")
