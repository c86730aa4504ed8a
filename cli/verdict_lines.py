"""Verdicts in words: what came of a rule, and what its conditions saw."""

from collections.abc import Iterator, Mapping
from typing import Any


def verdict_lines(verdict: Mapping[str, Any]) -> Iterator[str]:
    """The rule's line, then one for each condition that decided."""
    reason = f": {verdict['reason']}" if verdict.get("reason") else ""
    outcome = verdict["outcome"].replace("_", " ")
    yield f"Rule {verdict['rule']['id']} (revision {verdict['rule']['revision']}): {outcome}{reason}"
    for finding in verdict["because"]:
        held = "holds" if finding["held"] else "does not hold"
        yield f"  {finding['path']}: {held}; expected {finding['expected']}, saw {finding['seen']!r}"
