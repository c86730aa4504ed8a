"""What is printed of an undo: what it is about, execution by execution, and in numbers."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.markup import escape
from rich.table import Table

from cli.reporting import out
from cli.undo_asking import UNDONE_BEFORE, Undo
from cli.undo_finding import Execution

LINES = 200
"""What is printed one by one; of more, the rest is counted."""


def question(found: Sequence[Execution], rule: str) -> str:
    """Such as `Undo 3 actions of rule vip (2 tag, 1 crm_lead)?`."""
    kinds = Counter(each.action_type for each in found)
    shown = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
    return f"Undo {len(found)} action{'s' if len(found) > 1 else ''} of rule {rule} ({shown})?"


def print_undos(undos: Sequence[Undo]) -> None:
    """A table, the newest first, and a line of numbers."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for title in ("Done at", "Mailbox", "Message", "Action", "Result", "What or why"):
        table.add_column(title, overflow="fold")
    for each in undos[:LINES]:
        table.add_row(*map(escape, _cells(each)))
    out.print(table)
    if len(undos) > LINES:
        out.print(f"… and {len(undos) - LINES} more.")
    out.print(numbers(undos), markup=False, soft_wrap=True)


def numbers(undos: Sequence[Undo]) -> str:
    """Such as `2 undone, 1 left as it is.`."""
    counts = Counter(map(_became, undos))
    return ", ".join(f"{count} {what}" for what, count in counts.items()) + "."


def members(undo: Undo) -> dict[str, Any]:
    """For JSON."""
    of = undo.of
    return {
        "command_id": str(of.command_id),
        "event_id": str(of.event_id),
        "message_id": of.message_id,
        "mailbox": of.mailbox,
        "rule_revision": of.rule_revision,
        "action_id": of.action_id,
        "action_type": of.action_type,
        "generation": of.generation,
        "finished_at": of.finished_at.isoformat(),
        "text": of.text,
        "undo": {
            "command_id": str(undo.command_id) if undo.command_id is not None else None,
            "run": undo.run,
            "state": undo.state or None,
            "reason": undo.reason,
            "text": undo.text,
            "finished_at": undo.finished_at.isoformat() if undo.finished_at is not None else None,
        },
    }


def _cells(undo: Undo) -> tuple[str, ...]:
    of = undo.of
    message = of.message_id or str(of.event_id)
    text = undo.text or undo.reason
    return f"{of.finished_at:%Y-%m-%d %H:%M:%S}", of.mailbox, message, of.action_type, _became(undo), text


def _became(undo: Undo) -> str:
    if undo.reason == UNDONE_BEFORE:
        return "undone before"
    if undo.open:
        return "not answered"
    return {"succeeded": "undone", "planned": "to undo", "skipped": "left as it is"}.get(undo.state, undo.state)
