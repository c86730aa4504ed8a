"""A timeline for people and for programs: each step with the time since the one before it."""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from cli.timeline.steps import Step


def as_json(heads: Sequence[dict[str, Any]], steps: Sequence[Step], notes: Sequence[str]) -> str:
    """`mails`, `steps` (`seconds`: since the step before it of the same mail; null for its first), `notes`."""
    found = [
        {**step._asdict(), "links": dict(step.links), "seconds": _seconds(since)}
        for step, since in zip(steps, _since(steps), strict=True)
    ]
    for each in found:
        del each["order"]
    return json.dumps({"mails": list(heads), "steps": found, "notes": list(notes)}, default=_plain)


def lines(heads: Sequence[dict[str, Any]], steps: Sequence[Step], notes: Sequence[str]) -> Iterator[str]:
    """Where there are several mails, each step says which it is about."""
    numbers = {head["event_id"]: number for number, head in enumerate(heads, 1)}
    for head in heads:
        number = f"[{numbers[head['event_id']]}] " if len(heads) > 1 else ""
        yield f"{number}Mail {head['message_id'] or 'without Message-ID'} in mailbox {head['mailbox']}"
        yield f"    event {head['event_id']}, conversation {head['conversation']}, {head['content_uri']}"
        for name in ("mail_url", "trace_url", "trace_id"):
            if head[name]:
                yield f"    {name.replace('_', ' ')}: {head[name]}"
    for step, since in zip(steps, _since(steps), strict=True):
        number = f"[{numbers.get(step.event, '?')}] " if len(heads) > 1 else ""
        run = f" ({step.run})" if step.run not in ("", "live") else ""
        yield f"{_moment(step.at)}  {_span(since):>10}  {number}{step.kind}{run}: {step.text}"
        yield from (f"{'':39}{name.replace('_', ' ')}: {link}" for name, link in step.links.items() if name != "mail")
    yield from notes


def _since(steps: Sequence[Step]) -> list[timedelta | None]:
    """For each step, the time since the one before it of the same mail; None for the first."""
    last: dict[UUID, datetime] = {}
    found: list[timedelta | None] = []
    for step in steps:
        found.append(step.at - last[step.event] if step.event in last else None)
        last[step.event] = step.at
    return found


def _seconds(since: timedelta | None) -> float | None:
    return since.total_seconds() if since is not None else None


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}.{at.microsecond // 1000:03}"


def _span(since: timedelta | None) -> str:
    """Such as +0.120 s, +3 min, +2 d."""
    if since is None:
        return ""
    seconds = since.total_seconds()
    for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * length:
            return f"+{seconds / length:.0f} {unit}"
    return f"+{seconds:.3f} s"


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
