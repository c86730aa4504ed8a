"""How far the work is: what is published, decided and final, and when nothing remains."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cli.platform import Platform
from cli.refused import RefusedRecords
from runtime.postgres import Database
from runtime.queries import load_queries

SQL = load_queries("cli")
MAILBOX_PATIENCE_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Remaining:
    """What is left to do; all zero and nothing unread: idle."""

    unread: tuple[str, ...]
    unpublished: int
    undecided: int
    commands: dict[str, int]
    deferred: int = 0
    far: Mapping[str, str] = field(default_factory=dict)
    """how far the reading of a mailbox with much mail is"""

    @property
    def idle(self) -> bool:
        """Whether every event has its decision and every command is final."""
        waits = self.unpublished or self.undecided or self.deferred
        return not self.unread and not waits and not self.commands

    @property
    def line(self) -> str:
        """For a progress line."""
        reading = [f"{name} ({self.far[name]})" if name in self.far else name for name in self.unread]
        parts = [f"reading {', '.join(reading)}"] if reading else []
        parts += [f"{self.unpublished} to publish"] if self.unpublished else []
        parts += [f"{self.undecided} to decide"] if self.undecided else []
        parts += [f"{self.deferred} waiting for facts of Odoo"] if self.deferred else []
        parts += [f"{count} commands {state}" for state, count in sorted(self.commands.items())]
        return ", ".join(parts) or "idle"


@dataclass(frozen=True, slots=True)
class Watched:
    """Where to look for what is left. `reads`: the mailboxes that this run reads."""

    database: Database
    platform: Platform
    reads: tuple[str, ...]
    refused: RefusedRecords


async def remaining(watched: Watched) -> Remaining:
    """Look at the sources, the ledger, the decisions and the commands; then at what of those was refused."""
    left = await _remaining(watched, sorted(watched.refused.ids))
    if (left.undecided or "not started" in left.commands) and not (left.unread or left.unpublished):
        await watched.refused.look()
    return left


async def _remaining(watched: Watched, refused: list[str]) -> Remaining:
    database, mailboxes = watched.database, watched.reads
    facts = (await watched.platform.facts("ingest")).get("mailboxes", {})
    unread = tuple(name for name in mailboxes if not facts.get(name, {}).get("scanned_once"))
    pending = sum(int(facts.get(name, {}).get("pending", 0)) for name in mailboxes)
    unpublished = int(await database.fetchval(SQL["unpublished"]))
    undecided = int(await database.fetchval(SQL["undecided"], refused))
    commands = {row["state"]: int(row["commands"]) for row in await database.fetch(SQL["unfinished"], refused)}
    deferred = int(await database.fetchval(SQL["deferred"], list(mailboxes)))
    far = {name: _far(facts[name]["progress"]) for name in unread if facts.get(name, {}).get("progress")}
    return Remaining(unread, unpublished + pending, undecided, commands, deferred, far)


def _far(told: Mapping[str, Any]) -> str:
    """As ingest's status has it."""
    minutes, seconds = divmod(int(told["seconds_left"]), 60)
    return f"{told['read']:,} of {told['of']:,}, {told['per_second']:,}/s, {minutes}:{seconds:02} left"


async def mailbox_problem(platform: Platform, mailboxes: tuple[str, ...]) -> str | None:
    """What ingest says of a mailbox that it cannot read, if any."""
    return named_problem(await platform.report("ingest"), mailboxes)


def named_problem(report: Mapping[str, Any], mailboxes: Sequence[str]) -> str | None:
    """What ingest's status names as the cause: a server that all mailboxes need, else the mailbox itself."""
    components = report.get("components", {})
    for name in mailboxes:
        state = report.get("facts", {}).get("mailboxes", {}).get(name, {}).get("state")
        if state in ("down", "failed"):
            for server in ("kafka", "postgres"):
                if not (said := components.get(server, {})).get("ready", True):
                    return str(said["detail"])
            return f"mailbox {name}: {components.get(f'mailbox {name}', {}).get('detail') or state}"
    return None
