"""The storage of actions in Postgres. Every step is one batched statement of `queries.sql`."""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from runtime.postgres import Database, Row, Session
from runtime.queries import load_queries
from schemas.command import ActionCommand
from schemas.redaction import command_without_content
from schemas.result import Produced
from services.actions.known import Known
from services.actions.model import Blocker, Change, ClaimKey, ClaimRow, CommandRow, NewCommand, Waiting
from services.actions.port import MAX_OUTBOX_BYTES
from services.actions.states import State
from services.actions.undone import Acted, Undone

SQL = load_queries("services.actions")


class PostgresUnit:
    """One transaction; see port.Unit."""

    def __init__(self, session: Session, now: datetime, known: Known) -> None:
        self._session = session
        self._known = known
        self._accepted: list[NewCommand] = []
        self.now = now

    def committed(self) -> None:
        """What it has written down is so now."""
        self._known.remember(self._accepted)

    async def insert_commands(self, commands: Sequence[NewCommand]) -> None:
        rows = [
            (
                c.command.command_id,
                c.command.type,
                c.generation,
                c.command.scope_subject,
                c.command.rule.id,
                c.command.step.action.id,
                c.command.event.event_id,
                c.lane,
                c.payload,
                json.dumps(c.headers),
            )
            for c in commands
        ]
        inserted = await self._session.fetch(SQL["insert_commands"], *_columns(rows, 10))
        fresh = {row["command_id"] for row in inserted}
        # Of two with one id the first was taken.
        first = {c.command.command_id: c for c in reversed(commands)}
        self._accepted += [first[identity] for identity in fresh]

    async def generations(self, keys: Sequence[ClaimKey]) -> dict[tuple[str, str, str], int]:
        columns = _columns([key[:3] for key in keys], 3)
        rows = await self._session.fetch(SQL["generations"], *columns)
        return {(row["subject"], row["rule_id"], row["action_id"]): row["generation"] for row in rows}

    async def lock_claimable(self, ids: Sequence[UUID], *, early: bool = False) -> list[CommandRow]:
        rows = await self._session.fetch(SQL["lock_claimable"], list(ids), early)
        commands = self._known.of(row["command_id"] for row in rows)
        if unknown := [row["command_id"] for row in rows if row["command_id"] not in commands]:
            for row in await self._session.fetch(SQL["payloads"], unknown):
                commands[row["command_id"]] = ActionCommand.model_validate_json(row["payload"])
        for erased in (row["command_id"] for row in rows if row["erased"]):
            # Whoever has it in its hands still has the content.
            commands[erased] = command_without_content(commands[erased])
        return [_command_row(row, commands[row["command_id"]]) for row in rows]

    async def blockers(self, rows: Sequence[CommandRow]) -> dict[UUID, Blocker]:
        columns = _columns([(row.command_id, row.lane, row.seq, row.event_id) for row in rows], 4)
        found = await self._session.fetch(SQL["blockers"], *columns)
        return {row["command_id"]: Blocker(row["blocker"], State(row["state"]), row["wait_reason"]) for row in found}

    async def take_claims(self, wanted: Sequence[tuple[ClaimKey, UUID]]) -> dict[ClaimKey, ClaimRow]:
        if not wanted:
            return {}
        columns = _columns([(*key, holder) for key, holder in wanted], 5)
        rows = await self._session.fetch(SQL["insert_claims"], *columns)
        taken = {found.key: found for found in map(_claim_row, rows)}
        # Asked only for those that were there: for new mail there are none.
        if others := sorted({key for key, _ in wanted if key not in taken}):
            rows = await self._session.fetch(SQL["read_claims"], *_columns(others, 4))
            taken |= {found.key: found for found in map(_claim_row, rows)}
        return taken

    async def release_claims(self, holders: Sequence[UUID]) -> None:
        await self._session.execute(SQL["release_claims"], list(holders))

    async def keep_claims(self, kept: Sequence[tuple[ClaimKey, UUID, Produced]]) -> None:
        rows = [(*key, holder, produced.model_dump_json()) for key, holder, produced in kept]
        # Only the claims of records are touched by others too; in one order, so that no two wait for each other.
        if shared := [key for key, _, _ in kept if not key.rule_id]:
            await self._session.execute(SQL["lock_claims"], *_columns(shared, 4))
        await self._session.execute(SQL["keep_claims"], *_columns(rows, 6))

    async def undo_claims(self, undone: Sequence[Undone]) -> None:
        rows = [(key.subject, u.undoing, u.model, u.res_id) for u in undone for key in u.records]
        await self._session.execute(SQL["lock_claims"], *_columns([key for u in undone for key in u.records], 4))
        await self._session.execute(SQL["mark_undone"], [each.undone for each in undone])
        await self._session.execute(SQL["forget_records"], *_columns(rows, 4))

    async def placements(self, events: Sequence[UUID]) -> dict[UUID, str]:
        rows = await self._session.fetch(SQL["placements"], list(events))
        return {row["event_id"]: row["uri"] for row in rows}

    async def put_placements(self, placed: Mapping[UUID, str]) -> None:
        await self._session.execute(SQL["put_placements"], list(placed.keys()), list(placed.values()))

    async def take_leases(
        self, leases: Sequence[tuple[UUID, State, int]], length: timedelta, worker: str
    ) -> dict[UUID, tuple[int, datetime]]:
        rows = await self._session.fetch(SQL["take_leases"], *_columns(leases, 3), length, worker)
        return {row["command_id"]: (row["fence"], row["started_at"]) for row in rows}

    async def advance(self, steps: Sequence[tuple[UUID, int, State, State]]) -> set[UUID]:
        rows = await self._session.fetch(SQL["advance"], *_columns(steps, 4))
        return {row["command_id"] for row in rows}

    async def give_back(self, leases: Sequence[tuple[UUID, int]]) -> None:
        await self._session.execute(SQL["give_back"], *_columns(leases, 2))

    async def change_commands(self, changes: Sequence[Change]) -> set[UUID]:
        rows = [
            (
                c.command_id,
                c.fence,
                c.state,
                c.attempt,
                c.failures,
                c.sequence,
                c.wait.total_seconds(),
                c.wait_reason,
                c.blocked,
                c.result.model_dump_json() if c.result is not None else None,
                c.before,
            )
            for c in changes
        ]
        applied = await self._session.fetch(SQL["change_commands"], *_columns(rows, 11))
        return {row["command_id"] for row in applied}

    async def put_outbox(self, records: Sequence[Waiting]) -> None:
        rows = [(r.topic, r.key, r.value, json.dumps(r.headers), r.command_id) for r in records]
        await self._session.execute(SQL["put_outbox"], *_columns(rows, 5))

    async def take_outbox(self, limit: int, max_bytes: int = MAX_OUTBOX_BYTES) -> list[tuple[int, Waiting]]:
        if not await self._session.fetchval(SQL["lock_outbox"]):
            return []
        rows = await self._session.fetch(SQL["take_outbox"], limit, max_bytes)
        return [(row["id"], _waiting(row)) for row in rows]

    async def mark_outbox(self, ids: Sequence[int]) -> None:
        await self._session.execute(SQL["mark_outbox"], list(ids))


class PostgresStore:
    """See port.Store."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known = Known()

    @asynccontextmanager
    async def unit(self) -> AsyncIterator[PostgresUnit]:
        async with self._database.transaction() as session:
            unit = PostgresUnit(session, await session.fetchval("SELECT now()"), self._known)
            yield unit
        unit.committed()

    async def due(self, types: Sequence[str], limit: int, forgotten: timedelta) -> list[UUID]:
        rows = await self._database.fetch(SQL["due"], list(types), limit, forgotten)
        return [row["command_id"] for row in rows]

    async def produced(self, subjects: Sequence[str]) -> dict[str, Produced]:
        rows = await self._database.fetch(SQL["produced"], list(subjects))
        return {row["subject"]: Produced.model_validate_json(row["produced"]) for row in rows}

    async def acted(self, ids: Sequence[UUID]) -> dict[UUID, Acted]:
        return {row["command_id"]: _acted_row(row) for row in await self._database.fetch(SQL["acted"], list(ids))}

    async def expire_own_leases(self, worker: str, types: Sequence[str]) -> None:
        await self._database.execute(SQL["expire_own_leases"], worker, list(types))

    async def purge_outbox(self, older: timedelta) -> None:
        """Forget published records that are older than that, a few thousand at a time."""
        await self._database.execute(SQL["purge_outbox"], older)

    async def publish_again(self, commands: Sequence[UUID]) -> None:
        """Queue once more all that was published for these commands: the broker has lost it."""
        await self._database.execute(SQL["publish_again"], list(commands))

    async def backlog(self) -> dict[str, int]:
        """How many commands are pending, running (or sending) or waiting; plus `unpublished` records of the outbox."""
        counts = {state: count for state, (count, _) in (await self.waiting()).items()}
        counts["unpublished"] = await self.unpublished()
        return counts

    async def unpublished(self) -> int:
        """Records of the outbox that the broker has not acknowledged."""
        count: int = await self._database.fetchval(SQL["unpublished"])
        return count

    async def waiting(self) -> dict[str, tuple[int, float]]:
        """By state (pending, running or sending, waiting): how many commands, and the age of the oldest in seconds."""
        found = {"pending": (0, 0.0), "running": (0, 0.0), "retry_wait": (0, 0.0)}
        for row in await self._database.fetch(SQL["backlog"]):
            found[row["state"]] = (row["commands"], max(0.0, row["seconds"]))
        return found


def _columns(rows: Sequence[Sequence[Any]], width: int) -> list[list[Any]]:
    """Rows turned into the arrays that `unnest` takes."""
    return [list(column) for column in zip(*rows, strict=True)] if rows else [[] for _ in range(width)]


def _command_row(row: Row, command: ActionCommand) -> CommandRow:
    return CommandRow(
        command_id=row["command_id"],
        seq=row["seq"],
        type=row["type"],
        state=State(row["state"]),
        attempt=row["attempt"],
        failures=row["failures"],
        fence=row["fence"],
        key=ClaimKey(row["subject"], row["rule_id"], row["action_id"], row["generation"]),
        event_id=row["event_id"],
        lane=row["lane"],
        wait_reason=row["wait_reason"],
        blocked_since=row["blocked_since"],
        sequence=row["sequence"],
        command=command,
        headers=json.loads(row["headers"]),
        accepted_at=row["accepted_at"],
    )


def _claim_row(row: Row) -> ClaimRow:
    key = ClaimKey(row["subject"], row["rule_id"], row["action_id"], row["generation"])
    produced = Produced.model_validate_json(row["produced"]) if row["produced"] is not None else None
    return ClaimRow(key, row["command_id"], row["succeeded"], produced)


def _acted_row(row: Row) -> Acted:
    return Acted(
        command_id=row["command_id"],
        key=ClaimKey(row["subject"], row["rule_id"], row["action_id"], row["generation"]),
        state=State(row["state"]),
        attempt=row["attempt"],
        command=ActionCommand.model_validate_json(row["payload"]),
        produced=Produced.model_validate_json(row["result"]) if row["result"] is not None else Produced(),
        undone=row["undone"],
        later=tuple(map(ActionCommand.model_validate_json, row["later"] or ())),
    )


def _waiting(row: Row) -> Waiting:
    return Waiting(row["topic"], row["key"], row["value"], json.loads(row["headers"]), row["command_id"])
