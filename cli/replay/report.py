"""A replay's summary, for people and for programs."""

from collections.abc import Iterator, Mapping
from typing import Any

from cli.backlog_tally import Tally

TOTALS = ("done", "already done", "skipped", "failed", "waiting", "planned")


def as_json(found: Tally) -> dict[str, Any]:
    """Everything, with the totals over all actions."""
    return found.members(TOTALS)


def sentences(found: Mapping[str, Any]) -> Iterator[str]:
    """What `as_json` gave, in words."""
    of = f"rule {found['rule']}" if found["rule"] else "all rules"
    where = f" of {', '.join(found['mailboxes'])}" if found["mailboxes"] else ""
    dry = ", dry run: nothing was done" if found["dry_run"] else ""
    yield f"{found['run']}: {of}{where}, {found['from']} to {found['to']}, {found['state']}{dry}."
    yield f"Read {found['read']} of {found['of']} records; {found['published']} mails handed on."
    if found["refused"]:
        yield f"{found['refused']} records cannot be read and were left out."
    yield (
        f"Evaluated {found['evaluated']}, matched {found['matched']}, cannot be decided {found['undecidable']}; "
        "actions: " + ", ".join(f"{found[name.replace(' ', '_')]} {name}" for name in TOTALS) + "."
    )
    for step in found["actions"]:
        counts = ", ".join(f"{number} {name}" for name, number in step.items() if name not in ("action", "type"))
        yield f"  {step['type']} ({step['action']}): {counts}"
    if found["unfinished"]:
        yield f"{found['unfinished']} commands are not final yet."
    if found["state"] == "interrupted":
        yield f"It goes on where it was: maildesk replay resume {found['run']}"
