"""Dead letters for people and for machines. What is in a record is shown only where it is asked for."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.markup import escape
from rich.table import Table

from cli.dlq_handling import Asked, Outcome
from cli.dlq_retrying import NotRetried, Retry
from cli.dlq_survey import Kept, Survey
from cli.reporting import out
from cli.visible import visible
from schemas.dead_letter import DeadLetterHandled


def members(kept: Kept) -> dict[str, Any]:
    """A letter as JSON, with the size of its value instead of that."""
    found = kept.letter.model_dump(mode="json", exclude={"value", "headers"})
    return {"letter": str(kept.place), **found, "value_bytes": len(kept.letter.value or b"")}


def print_list(survey: Survey, shown: Sequence[Kept], *, as_json: bool) -> None:
    """How many there are of which kind, and the newest."""
    counts = survey.counts
    more = sum(counts.values()) - len(shown)
    if as_json:
        kinds = [{"topic": topic, "code": code, "letters": count} for (topic, code), count in counts.items()]
        rows = [members(kept) for kept in shown]
        print(json.dumps({"counts": kinds, "letters": rows, "more": more, **_cut(survey)}))
        return
    if not counts:
        out.print("No dead letter matches.")
    else:
        out.print(_counts(counts))
        out.print(_table(shown))
    if more:
        out.print(f"{more} older ones are not shown; --limit shows more.")
    print_cut(survey)


def print_cut(survey: Survey) -> None:
    """What was left out, if anything."""
    if survey.beyond:
        out.print(f"{survey.beyond} more were only counted: ask for less, by --topic, --code or --since.")
    if survey.unreadable:
        out.print(f"{survey.unreadable} records there are no dead letters; they were passed over.")


def _cut(survey: Survey) -> dict[str, int]:
    return {"beyond": survey.beyond, "unreadable": survey.unreadable}


def _counts(counts: Mapping[tuple[str, str], int]) -> Table:
    table = Table("Topic", "Code", "Letters", box=SIMPLE_HEAD, pad_edge=False)
    for (topic, code), count in counts.items():
        table.add_row(topic, escape(code), str(count))
    return table


def _table(shown: Sequence[Kept]) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for title in ("Letter", "When", "Command", "Mailbox", "Rule and action", "Code", "What happened"):
        table.add_column(title, overflow="fold")
    for place, letter, _ in shown:
        command = letter.command
        cells = ("", "", "")
        if command is not None:
            cells = (str(command.command_id), command.mailbox, f"{command.rule.id}/{command.action}")
        when = f"{letter.at:%Y-%m-%d %H:%M:%S}"
        table.add_row(*(escape(visible(cell)) for cell in (str(place), when, *cells, letter.code, letter.text)))
    return table


def print_letter(kept: Kept, mark: DeadLetterHandled | None, *, payload: bool, as_json: bool) -> None:
    """One letter, with its headers, and what became of it."""
    place, letter, _ = kept
    found = members(kept)
    found["headers"] = {name: value.decode("utf-8", "replace") for name, value in letter.headers}
    found["handled"] = mark.model_dump(mode="json", include={"how", "at", "by", "command"}) if mark else None
    if payload:
        found["payload"] = (letter.value or b"").decode("utf-8", "replace")
    if as_json:
        print(json.dumps(found))
        return
    for name, value in found.items():
        if isinstance(value, dict):
            out.print(f"{name}:")
            for inner, each in value.items():
                out.print(f"  {inner}: {visible(_plain(each))}", markup=False, soft_wrap=True)
        elif value not in (None, ""):
            out.print(f"{name}: {visible(str(value))}", markup=False, soft_wrap=True)
    if letter.value is not None and not payload:
        out.print(f"Its record may hold mail: maildesk dlq show {place} --payload prints it.", markup=False)


def _plain(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else str(value)


def outcome_members(outcome: Outcome, asked: Asked) -> dict[str, Any]:
    """What became of a letter, as JSON."""
    found: dict[str, Any] = {"letter": str(outcome.place), "id": outcome.letter.id, "code": outcome.letter.code}
    answer = outcome.answer
    if isinstance(answer, NotRetried):
        return {**found, "outcome": "not_retried", "reason": answer.code, "text": answer.text}
    found["outcome"] = f"would_be_{asked.how}" if asked.dry_run else asked.how
    if isinstance(answer, Retry) and answer.command is not None:
        found |= {"command_id": str(answer.command), "run": answer.run, "text": answer.note}
    return found


def outcome_line(outcome: Outcome, asked: Asked) -> str:
    """The same for people."""
    letter, answer = outcome.letter, outcome.answer
    command = letter.command
    what = f"{command.type} of rule {command.rule.id}, command {command.command_id}" if command else str(outcome.place)
    what = f"{what} ({letter.code})"
    would = "would be " if asked.dry_run else ""
    if answer is None:
        return f"{what}: {would}discarded"
    if isinstance(answer, NotRetried):
        return f"{what}: not retried: {answer.text}"
    note = f"; {answer.note}" if answer.note else ""
    if answer.command is None:
        return f"{what}: {would}put back on {letter.topic}{note}"
    return f"{what}: {would}retried as command {answer.command}{note}"
