"""A run's summary, for people and for programs."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import typer

from cli.backlog_tally import Tally
from cli.reporting import out

_TOTALS = ("done", "already done", "skipped", "failed", "waiting", "would act")


def as_json(found: Tally) -> dict[str, Any]:
    """Everything, with the totals over all actions."""
    return {"recorded": found.recorded, **found.members(_TOTALS)}


def sentences(found: Mapping[str, Any]) -> Iterator[str]:
    """What `as_json` gave, in words."""
    if found.get("dry_run"):
        yield f"Dry run of rule {found['rule']} on mailbox {found['mailbox']}: nothing was done."
    else:
        yield (
            f"{found['run']}: rule {found['rule']} on mailbox {found['mailbox']}, {found['state']}, "
            f"{found['published']} of {found['total']} mails handed on."
        )
    yield (
        f"Recorded {found['recorded']}, evaluated {found['evaluated']}, matched {found['matched']}, "
        f"cannot be decided {found['undecidable']}."
    )
    for step in found["actions"]:
        counts = ", ".join(f"{number} {name}" for name, number in step.items() if name not in ("action", "type"))
        yield f"  {step['type']} ({step['action']}): {counts}"
    if found["unfinished"]:
        yield f"{found['unfinished']} commands are not final yet."
    if found.get("dry_run") and not found["enabled"]:
        yield "The rule is off: switch it on before you begin a run."
    if found.get("mode") == "shadow":
        yield "The rule is in `mode: shadow`: a run would do nothing."


def print_run(found: Mapping[str, Any], lines: Iterable[str], *, json_wanted: bool) -> None:
    """A summary, as JSON or in words. Raises typer.Exit(1) when an action failed."""
    if json_wanted:
        print(json.dumps(found, default=str))
    else:
        for line in lines:
            out.print(line, markup=False, soft_wrap=True)
    if found.get("failed"):
        raise typer.Exit(1)
