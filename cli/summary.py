"""What a run of `maildesk up` did, in figures that add up."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from cli.progress import SQL
from runtime.postgres import Database

UNEXPECTED = ("internal-error", "worker-died", "time-out", "target-down", "outcome-unknown", "odoo-outcome-unknown")
"""Failures that are nobody's mistake in a rule or mailbox: they make `up --exit-when-idle` end with 1."""


@dataclass(frozen=True, slots=True)
class Summary:
    """Of this run. mails == decisions + duplicates + dead_letters: each mail has exactly one outcome.

    `duplicates`: mails that the ledger knew, from an earlier run or another place. `events`: new in the ledger.
    """

    mails: int
    duplicates: int
    dead_letters: int
    events: int
    decisions: int
    commands: dict[str, dict[str, int]]
    log_rows: int
    unexpected_failures: int
    seconds: float
    totals: dict[str, int]
    archived: int = 0
    """Decisions on mail that is older than what rules act on."""

    def as_dict(self) -> dict[str, Any]:
        """For --json."""
        return asdict(self)

    def lines(self) -> list[str]:
        """For people."""
        found = [
            f"{self.mails} mails: {self.decisions} decided, {self.duplicates} known already, "
            f"{self.dead_letters} unreadable",
        ]
        if self.archived:
            found.append(
                f"{self.archived} of them recorded without actions: older than their mailbox's `actions_since`"
            )
        for kind, states in self.commands.items():
            found.append(f"{kind}: " + ", ".join(f"{count} {state}" for state, count in states.items()))
        found.append(f"{self.log_rows} rows in the execution log ({self.totals['log_rows']} in all) · {self.seconds} s")
        return found


async def summarise(database: Database, since: datetime, seconds: float) -> Summary:
    """Count what happened since the run began, on the database's clock."""
    counts = await database.fetchrow(SQL["counts"], since)
    totals = await database.fetchrow(SQL["totals"])
    assert counts is not None
    assert totals is not None
    commands: dict[str, dict[str, int]] = {}
    for row in await database.fetch(SQL["commands"], since):
        commands.setdefault(row["type"], {})[row["state"]] = int(row["commands"])
    return Summary(
        mails=counts["mails"],
        duplicates=counts["duplicates"],
        dead_letters=counts["dead_letters"],
        events=counts["events"],
        decisions=counts["decisions"],
        commands=commands,
        log_rows=sum(sum(states.values()) for states in commands.values()),
        unexpected_failures=int(await database.fetchval(SQL["unexpected"], since, list(UNEXPECTED))),
        seconds=round(seconds, 1),
        totals={name: int(totals[name]) for name in ("events", "decisions", "log_rows")},
        archived=int(await database.fetchval(SQL["archived"], since)),
    )
