"""What `rules diff` found, rule by rule, and as one JSON document for machines."""

from typing import Any, NamedTuple

from cli.rule_diff_compare import KINDS, Example, Tally
from cli.rule_diff_run import Compared


class Row(NamedTuple):
    """A rule of the report. `change`: what the file does to it."""

    rule: str
    mailbox: str
    change: str
    tally: Tally


def rows_of(found: Compared) -> list[Row]:
    """The rules that the file changes and those that others affect, in the order in which they are tried."""
    rules = {
        each.rule.id: each.rule
        for ruleset in (found.sets.before, found.sets.after)
        for box in ruleset.mailboxes.values()
        for each in box.by_id.values()
    }
    shown = [
        Row(each.id, each.mailbox, found.sets.changes.get(each.id, "unchanged"), tally)
        for each in sorted(rules.values(), key=lambda rule: (rule.mailbox, rule.order, rule.id))
        if (tally := found.comparison.rules.get(each.id, Tally())).different or each.id in found.sets.changes
    ]
    return [row for row in shown if row.rule not in found.sets.not_compared]


def as_json(found: Compared) -> dict[str, Any]:
    """The document that docs/howto/try-a-rule.md describes. Fields are added, never renamed."""
    sets, comparison = found.sets, found.comparison
    return {
        "since": found.since.isoformat(),
        "version": sets.before.version,
        "mailboxes": list(sets.mailboxes),
        "events": comparison.events,
        "different": comparison.different,
        "undecidable": comparison.undecidable,
        "unreadable": found.unreadable,
        "unreadable_examples": [
            {"event_id": str(each.event_id), "mailbox": each.mailbox, "received_at": each.received_at.isoformat()}
            for each in found.unreadable_examples
        ],
        "rules": [_row_as_json(row) for row in rows_of(found)],
        "not_compared": [{"rule": rule, "reason": why} for rule, why in sets.not_compared.items()],
        "notes": list(sets.notes),
    }


def _row_as_json(row: Row) -> dict[str, Any]:
    tally = row.tally
    examples = {kind: [_example_as_json(each) for each in tally.examples[kind]] for kind in KINDS}
    return {
        "rule": row.rule,
        "mailbox": row.mailbox,
        "change": row.change,
        "before": tally.before,
        "after": tally.after,
        **{str(kind): count for kind, count in tally.counts.items()},
        "examples": examples,
    }


def _example_as_json(example: Example) -> dict[str, Any]:
    return {
        **example._asdict(),
        "event_id": str(example.event_id),
        "received_at": example.received_at.isoformat(),
    }
