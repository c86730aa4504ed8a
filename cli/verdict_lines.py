"""Verdicts in words: what came of a rule, and what its conditions saw."""

from collections.abc import Iterator, Mapping
from typing import Any

_HELD = {True: "holds", False: "does not hold"}


def verdict_lines(verdict: Mapping[str, Any]) -> Iterator[str]:
    """The rule's line, then one for each condition that decided."""
    reason = f": {verdict['reason']}" if verdict.get("reason") else ""
    outcome = verdict["outcome"].replace("_", " ")
    watched = " (watched only)" if verdict.get("shadow") else ""
    yield f"Rule {verdict['rule']['id']} (revision {verdict['rule']['revision']}): {outcome}{watched}{reason}"
    yield from (f"  {finding_line(finding)}" for finding in verdict["because"])


def finding_line(finding: Mapping[str, Any]) -> str:
    """What one condition expected and saw. What it saw cannot write to the terminal."""
    held = "cannot be told" if finding.get("undecidable") else _HELD[bool(finding["held"])]
    return f"{finding['path']}: {held}; expected {finding['expected']}, saw {finding['seen']!r}"
