"""What `maildesk retry`, `dlq retry` and `dlq discard` share: find, ask, handle, report."""

import asyncio
import json
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import typer

from cli.connection import open_producer
from cli.dlq_handling import Asked, handle
from cli.dlq_open import open_scan
from cli.dlq_report import outcome_line, outcome_members, print_cut
from cli.dlq_retrying import NotRetried
from cli.dlq_survey import Found, Sought, Survey, survey
from cli.reporting import err, out
from runtime.clock import SystemClock
from runtime.errors import InvalidInputError

LINES = 50
"""What is printed letter by letter; of more, the rest is counted."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How the command line wants it done. `limit`: letters at most, the oldest first."""

    limit: int
    yes: bool
    as_json: bool


def work(sought: Sought, asked: Asked, manner: Manner) -> None:
    """Raises InvalidInputError, TargetDownError; typer.Exit(1) when some letters cannot be retried."""
    if asked.force_unknown:
        err.print("--force-unknown: what may have been done already, such as a reply, may be done a second time.")
    if asyncio.run(_work(sought, asked, manner)):
        raise typer.Exit(1)


async def _work(sought: Sought, asked: Asked, manner: Manner) -> int:
    async with open_scan(sought.topics) as scan:
        with err.status("reading the dead letters"):
            found = await survey(scan, sought)
        check_ids(found)
        chosen = found.open[: manner.limit]
        _confirm(chosen, found, asked, manner)
        counts: Counter[str] = Counter()
        rows: list[dict[str, Any]] = []
        async with open_producer(required=not asked.dry_run) as producer:
            places = [each.place for each in chosen]
            async for outcome in handle(scan, producer, places, asked, SystemClock()):
                counts["not retried" if isinstance(outcome.answer, NotRetried) else asked.how] += 1
                if manner.as_json:
                    rows.append(outcome_members(outcome, asked))
                elif counts.total() <= LINES:
                    out.print(outcome_line(outcome, asked), markup=False, soft_wrap=True)
    _report(found, counts, rows, asked, manner)
    return counts["not retried"]


def check_ids(found: Survey) -> None:
    """Raises InvalidInputError when an id was given that no letter has."""
    if missing := sorted(found.sought.ids - found.met):
        raise InvalidInputError(
            f"there is no dead letter of {', '.join(missing)}; `maildesk dlq list` shows what there is, "
            "`maildesk log` whether a command failed"
        )


def _confirm(chosen: Sequence[Found], found: Survey, asked: Asked, manner: Manner) -> None:
    """Nobody has to confirm what was named one by one, or what touches nothing."""
    if asked.dry_run or manner.yes or found.sought.ids or not chosen:
        return
    verb = "Retry" if asked.how == "retried" else "Discard"
    if not sys.stdin.isatty():
        raise InvalidInputError(f"{verb} {len(chosen)} letters? Say --yes, or --dry-run to see them")
    typer.confirm(f"{verb} {len(chosen)} letters?", abort=True)


def _report(found: Survey, counts: Counter[str], rows: list[dict[str, Any]], asked: Asked, manner: Manner) -> None:
    more = len(found.open) - counts.total()
    marks = [
        {"id": mark.letter, "how": mark.how, "at": mark.at.isoformat(), "by": mark.by, "command_id": mark.command}
        for mark in found.marks.values()
    ]
    if manner.as_json:
        print(json.dumps({"letters": rows, "handled_before": marks, "more": more}, default=str))
        return
    if counts.total() > LINES:
        out.print(f"… and {counts.total() - LINES} more.")
    for mark in marks:
        became = f" as command {mark['command_id']}" if mark["command_id"] else ""
        out.print(f"{mark['id']}: {mark['how']} before, by {mark['by']} at {mark['at']}{became}", markup=False)
    if not counts and not marks:
        out.print("No dead letter matches.")
    elif counts:
        would = "would be " if asked.dry_run else ""
        kinds = [f"{counts[asked.how]} {would}{asked.how}"]
        kinds += [f"{counts['not retried']} not"] if counts["not retried"] else []
        out.print(", ".join(kinds) + "." + _where_to_look(counts, asked))
    if more:
        out.print(f"{more} more match; say it again, or --limit.")
    print_cut(found)


def _where_to_look(counts: Counter[str], asked: Asked) -> str:
    if asked.dry_run or asked.how != "retried" or not counts["retried"]:
        return ""
    return " What becomes of them: maildesk log --since 5m"
