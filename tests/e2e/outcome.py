"""All that a run leaves behind, made comparable: ids that depend on the moment are left out."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from runtime.postgres import Database
from tests.e2e.desk import Desk
from tests.e2e.mails import Place, places

LOG = """
SELECT event_id::text, run, rule_id, action_id, generation, state, reason, scope, produced_kind,
       produced_details ->> 'reused' AS reused
FROM audit.execution_log_v1
"""
DECISIONS = "SELECT event_id::text, run, outcome, jsonb_array_length(commands) AS commands FROM audit.decision_log_v1"
STATE = 5
"""The column of LOG."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Rows of the log, decisions, leads and messages in Odoo, and where each mail is, with its marks."""

    log: list[tuple[Any, ...]]
    decisions: list[tuple[Any, ...]]
    leads: list[tuple[Any, ...]]
    messages: list[str]
    mailbox: dict[str, Place]

    def differences(self, other: "Outcome") -> dict[str, object]:
        """What this has and the other lacks, and the other way round; empty when they are equal."""
        found: dict[str, object] = {}
        for name in ("log", "decisions", "leads", "messages"):
            mine, theirs = getattr(self, name), getattr(other, name)
            if mine != theirs:
                found[name] = {
                    "only here": sorted(set(mine) - set(theirs), key=repr)[:5],
                    "only there": sorted(set(theirs) - set(mine), key=repr)[:5],
                    "rows": (len(mine), len(theirs)),
                }
        if self.mailbox != other.mailbox:
            found["mailbox"] = [
                (name, self.mailbox.get(name), other.mailbox.get(name))
                for name in sorted({*self.mailbox, *other.mailbox})
                if self.mailbox.get(name) != other.mailbox.get(name)
            ][:5]
        return found


async def _rows(database: Database, sql: str) -> list[tuple[Any, ...]]:
    return sorted((tuple(row.values()) for row in await database.fetch(sql)), key=repr)


def outcome_of(desk: Desk, maildir: Path | None = None) -> Outcome:
    """What there is now."""

    async def look(database: Database) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
        return await _rows(database, LOG), await _rows(database, DECISIONS)

    log, decisions = desk.query(look)
    leads = sorted((lead["name"], lead["type"], lead["email_from"]) for lead in desk.leads())
    return Outcome(log, decisions, leads, desk.notes(), places(maildir) if maildir is not None else {})
