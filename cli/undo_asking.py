"""Asking the workers to undo: commands to their topics, and what the log says became of them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID, uuid4

from cli.progress import SQL
from cli.undo_finding import Execution
from runtime.clock import Clock
from runtime.kafka import Outgoing, Producer
from runtime.postgres import Database
from schemas.command import ActionCommand
from schemas.envelope import encode
from schemas.ids import UNDO, undo_run
from schemas.topics import action_topic

SOURCE = "/maildesk/cli"
UNDONE_BEFORE = "undone-before"
CHUNK = 200
"""Commands that are in memory at once; each holds a whole event."""
LOOK_SECONDS = 0.3
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Undo:
    """What became of one execution. `command_id` None: there is nothing that could be taken back by a command."""

    of: Execution
    command_id: UUID | None = None
    run: str = ""
    state: str = ""
    reason: str = ""
    text: str = ""
    finished_at: datetime | None = None

    @property
    def open(self) -> bool:
        """Whether its result is still to come."""
        return not self.state


@dataclass(frozen=True, slots=True)
class Manner:
    """How it is asked for. `again`: what an earlier undo could not take back is tried anew. `wait`: seconds."""

    dry_run: bool = False
    again: bool = False
    wait: float = 60.0


class Asking:
    """Publishes undo commands and waits for their results."""

    def __init__(self, database: Database, producer: Producer, clock: Clock, manner: Manner) -> None:
        self._database = database
        self._producer = producer
        self._clock = clock
        self._manner = manner

    async def carry_out(self, found: Sequence[Execution], tell: Callable[[str], None]) -> list[Undo]:
        """One for each execution, in order; those whose results did not come in time are `open`."""
        undos: list[Undo] = []
        for chunk in _chunks(found):
            undos += await self._ask(chunk)
            tell(f"asked for {len(undos)} of {len(found)}")
        return await self._wait(undos, tell)

    async def _ask(self, chunk: Sequence[Execution]) -> list[Undo]:
        ids = [each.command_id for each in chunk]
        rows = await self._database.fetch(SQL["acted_payloads"], ids)
        payloads: dict[UUID, bytes] = {row["command_id"]: row["payload"] for row in rows}
        before = await self._before(ids)
        undos, records = [], []
        for each in chunk:
            if (earlier := before.get(each.command_id)) is not None and earlier["state"] == "succeeded":
                undos.append(_undone_before(each, earlier))
                continue
            if (payload := payloads.get(each.command_id)) is None:
                text = "the workers' tables do not have this command"
                undos.append(Undo(each, state="skipped", reason="not-known", text=text))
                continue
            in_vain = earlier["in_vain"] if earlier is not None and self._manner.again else 0
            acted = ActionCommand.model_validate_json(payload)
            command = undo_command(acted, self._clock.now(), again=in_vain, dry_run=self._manner.dry_run)
            undos.append(Undo(each, command.command_id, command.run))
            records.append(Outgoing(action_topic(command.type), *encode(command, SOURCE)))
        await self._producer.send_all(records)
        return undos

    async def _before(self, ids: Sequence[UUID]) -> dict[UUID, Mapping[str, Any]]:
        """An earlier undo of each, the one that succeeded if there is one."""
        rows = await self._database.fetch(SQL["undone_before"], list(ids))
        return {row["undoes"]: row for row in sorted(rows, key=lambda row: row["state"] == "succeeded")}

    async def _wait(self, undos: Sequence[Undo], tell: Callable[[str], None]) -> list[Undo]:
        deadline = self._clock.monotonic() + self._manner.wait
        found: dict[UUID, Undo] = {each.command_id: each for each in undos if each.command_id is not None}
        while True:
            left = [identity for identity, each in found.items() if each.open]
            tell(f"{len(found) - len(left)} of {len(found)} answered")
            for chunk in _chunks(left):
                for row in await self._database.fetch(SQL["undo_results"], chunk):
                    found[row["command_id"]] = _answered(found[row["command_id"]], row)
            if not any(each.open for each in found.values()) or self._clock.monotonic() >= deadline:
                return [found[each.command_id] if each.command_id is not None else each for each in undos]
            await self._clock.sleep(LOOK_SECONDS)


def undo_command(acted: ActionCommand, now: datetime, *, again: int = 0, dry_run: bool = False) -> ActionCommand:
    """The same however often it is asked for, so that a repeat changes nothing; a dry run is always a new one."""
    return acted.model_copy(
        update={
            "run": f"{UNDO}plan-{uuid4()}" if dry_run else undo_run(acted.command_id, again),
            "run_at": now,
            "trigger": "manual",
            "slip": (),
            "dry_run": dry_run,
            "force": False,
            "force_step": False,
            "generation": None,
            "ruleset_version": 0,
            "expires_at": None,
            "undoes": acted.command_id,
        }
    )


def _undone_before(of: Execution, row: Mapping[str, Any]) -> Undo:
    return Undo(of, row["command_id"], row["run"], "succeeded", UNDONE_BEFORE, row["text"], row["finished_at"])


def _answered(undo: Undo, row: Mapping[str, Any]) -> Undo:
    return replace(undo, state=row["state"], reason=row["reason"], text=row["text"], finished_at=row["finished_at"])


def _chunks(items: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), CHUNK):
        yield items[start : start + CHUNK]
