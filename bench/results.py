"""`results.json` and the table: a list of values beside their limits, each with the machine that gave it."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from rich.table import Table

from bench.harness import Result
from bench.machine import Facts

Entry = dict[str, Any]


def entry(result: Result, machine: Facts) -> Entry:
    """A result as it stands in the file."""
    return {
        "name": result.name,
        "unit": result.unit,
        "value": _short(result.value),
        "limit_name": result.limit_name,
        "limit": _short(result.limit),
        "ratio": round(result.ratio, 3),
        "machine": machine,
    }


def merge(old: Sequence[Entry], fresh: Sequence[Entry], ran: Iterable[str]) -> list[Entry]:
    """The old entries without those of the benchmarks that ran, then the fresh ones."""
    names = set(ran)
    return [each for each in old if bench_of(str(each.get("name", ""))) not in names] + list(fresh)


def bench_of(name: str) -> str:
    """The benchmark that a result belongs to: `memory` of `memory.audit.idle`."""
    return name.partition(".")[0]


def read(path: Path) -> list[Entry]:
    """What an earlier run wrote; nothing when there is no such file, or it is not ours."""
    try:
        found = json.loads(path.read_text())
    except (OSError, ValueError):
        return []
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def write(path: Path, entries: Sequence[Entry]) -> None:
    """As a whole: a reader never sees half of it."""
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(entries, indent=2) + "\n")
    partial.replace(path)


def table(entries: Sequence[Entry]) -> Table:
    """For people."""
    found = Table("name", "value", "unit", "limit", "limit is", "ratio")
    found.columns[0].no_wrap = True
    for column in (1, 3, 5):
        found.columns[column].justify = "right"
    for each in entries:
        numbers = (f"{each['value']:,}", f"{each['limit']:,}", f"{each['ratio']:.2f}")
        found.add_row(each["name"], numbers[0], each["unit"], numbers[1], each["limit_name"], numbers[2])
    return found


def _short(value: float) -> float | int:
    """Three digits after the point below ten, none from a thousand on: more would be noise."""
    return round(value) if abs(value) >= 1000 else round(value, 1 if abs(value) >= 10 else 3)
