"""An erasure in words."""

from collections.abc import Iterator, Mapping
from typing import Any


def sentences(found: Mapping[str, Any]) -> Iterator[str]:
    """What was counted, or how far it is."""
    if found.get("dry_run"):
        yield "Would be emptied: " + _counted(found["rows"]) + ". Nothing was changed."
        return
    if not found["published"]:
        yield "It is written down, but the broker cannot be reached: say it again, or start `maildesk up`."
    yield f"Asked for at {found['requested_at']}; {found['events']} mails found so far."
    for name, service in found["services"].items():
        state = "done" if service["done"] else "not done yet"
        yield f"{name}: {state}, {service['pages']} pages; {_counted(service['rows']) or 'no rows'}"
    if not found["done"]:
        yield "How far it is: maildesk erase --address A --status"


def _counted(rows: Mapping[str, int]) -> str:
    return ", ".join(f"{number} {name}" for name, number in sorted(rows.items()))
