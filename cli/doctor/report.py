"""What was found, for people and for programs."""

import json
from collections.abc import Sequence
from dataclasses import asdict

from cli.doctor.finding import Finding
from cli.reporting import out

COLOURS = {"error": "red", "warning": "yellow"}


def print_report(findings: Sequence[Finding], looks: int, *, as_json: bool) -> None:
    """One finding a line, errors first."""
    ordered = sorted(findings, key=lambda each: each.severity)
    if as_json:
        print(json.dumps({"looks": looks, "findings": [asdict(each) for each in ordered]}, ensure_ascii=False))
        return
    for each in ordered:
        out.print(str(each), markup=False, soft_wrap=True, style=COLOURS[each.severity])
    out.print(_sum(ordered, looks), markup=False)


def _sum(findings: Sequence[Finding], looks: int) -> str:
    if not findings:
        return f"Nothing is wrong ({looks} looks)."
    errors = sum(each.severity == "error" for each in findings)
    return f"{_many(errors, 'error')}, {_many(len(findings) - errors, 'warning')} ({looks} looks)."


def _many(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
