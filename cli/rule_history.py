"""`maildesk rules history` and `rollback`: what a rule said before, and saying it again."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Annotated, Any

import typer

from cli.applying import default_author, print_changes, print_unpublished, store_and_publish
from cli.connection import open_database
from cli.listing import Listing
from cli.reporting import exit_codes, out
from cli.rule_text import Content, diff, document
from runtime.errors import InvalidInputError
from runtime.migrations import migrate
from services.console.reading import list_rules, rule_history
from services.console.store import roll_back
from services.console.stored import RuleRevision

RULE_HELP = "The id of a rule, also of one that is deleted."


@dataclass(frozen=True, slots=True)
class Step:
    """One revision beside the one before it."""

    stored: RuleRevision
    what: str
    diff: str

    @property
    def revision(self) -> int:
        return self.stored.revision

    @property
    def version(self) -> int:
        return self.stored.version

    @property
    def author(self) -> str:
        return self.stored.author

    @property
    def changed_at(self) -> datetime:
        return self.stored.changed_at


def history(
    rule: Annotated[str, typer.Argument(help=RULE_HELP, metavar="ID")],
    with_diff: Annotated[bool, typer.Option("--diff", help="Print what each revision changed, as YAML.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False,
) -> None:
    """List every revision of a rule: when it was created, changed or deleted, by whom, in which version of the whole.

    Example: maildesk rules history vip --diff
    """
    with exit_codes():
        found = steps(rule, asyncio.run(_history(rule)))
    if as_json or not with_diff:
        _LISTING.print(found, as_json=as_json)
        return
    for step in found:
        when = f"{step.changed_at:%Y-%m-%d %H:%M} {step.author}"
        print(f"Revision {step.revision}, version {step.version}, {when}: {step.what}")
        print(step.diff, end="\n\n" if step.diff else "\n")


def rollback(
    rule: Annotated[str, typer.Argument(help=RULE_HELP, metavar="ID")],
    to: Annotated[int, typer.Option("--to", help="The revision whose text comes back.", metavar="REVISION")],
    author: Annotated[str | None, typer.Option(help="Who changes it; default: your user name.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print what changed as JSON.")] = False,
) -> None:
    """Make what a rule said in an earlier revision its newest one, also when the rule was deleted since.

    No other rule changes. The file that the rule comes from keeps its text: change it too, or the next `rules apply` of
    it takes the rollback back. Exit codes: 0 done or nothing to do, 2 there is nothing to go back to, 3 a server is
    down.

    Example: maildesk rules rollback vip --to 3
    """
    with exit_codes():
        (applied, owner), published = asyncio.run(
            store_and_publish(lambda database: roll_back(database, rule, to, author=author or default_author()))
        )
    if as_json:
        out.print_json(json.dumps({**asdict(applied), "published": published, "owner": owner}))
    elif applied.changed:
        print_changes(applied)
        print(
            f"Rule {rule} belongs to {owner}, which still has the other text: the next `maildesk rules apply` of it "
            "brings that back. Change it there too."
        )
    else:
        print(f"Rule {rule} says what it said in revision {to}: nothing to do.")
    if not published:
        print_unpublished(applied.version)


def steps(rule: str, revisions: Sequence[RuleRevision]) -> list[Step]:
    """Each revision with what became of the rule in it; a rule that comes back after a deletion is created again."""
    found: list[Step] = []
    before: RuleRevision | None = None
    for each in revisions:
        names = (f"{rule} revision {before.revision}" if before else "nothing", f"{rule} revision {each.revision}")
        text = diff(_in_force(before), _in_force(each), names)
        found.append(Step(each, _what(before, each), text))
        before = each
    return found


def _in_force(revision: RuleRevision | None) -> Content | None:
    return None if revision is None or revision.deleted else revision.content


def _what(before: RuleRevision | None, each: RuleRevision) -> str:
    if each.deleted:
        return "deleted"
    return "created" if before is None or before.deleted else "changed"


async def _history(rule: str) -> list[RuleRevision]:
    async with open_database() as database:
        await migrate(database, "console")
        found = await rule_history(database, rule)
        if not found:
            known = ", ".join(each.rule.id for each in await list_rules(database)) or "none yet"
            raise InvalidInputError(f"there is no rule {rule} and never was one; in force: {known}")
        return found


def _members(step: Step) -> dict[str, Any]:
    return {
        "what": step.what,
        "owner": step.stored.owner,
        "rule": document(step.stored.content),
        "diff": step.diff,
    }


_LISTING: Listing[Step] = Listing(
    columns=("What", "Version", "Owner"),
    cells=lambda step: (step.what, str(step.version), step.stored.owner),
    members=_members,
    empty="",
)
