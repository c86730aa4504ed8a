"""Short ways to bring a command somewhere."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from schemas.command import ActionCommand
from services.actions.model import Change, CommandRow, NewCommand
from services.actions.port import Store, Unit
from services.actions.states import State
from tests.unit.services.actions.making import command, mail, new

LEASE = timedelta(seconds=60)
FORGOTTEN = timedelta(seconds=30)


async def accept(store: Store, *commands: NewCommand) -> list[UUID]:
    """Write them down."""
    async with store.unit() as unit:
        await unit.insert_commands(commands)
    return [each.command.command_id for each in commands]


async def begin(store: Store, identity: UUID) -> CommandRow:
    """Lease it; returns the row as it then is."""
    async with store.unit() as unit:
        (row,) = await unit.lock_claimable([identity])
        await unit.take_leases([(identity, State.RUNNING, row.attempt + 1)], LEASE, "w")
    return await look(store, identity)


async def look(store: Store, identity: UUID) -> CommandRow:
    """The row; where it is under a lease of worker w, that lease is ended."""
    async with store.unit() as unit:
        rows = await unit.lock_claimable([identity], early=True)
    if rows:
        return rows[0]
    await store.expire_own_leases("w", ["tag"])
    async with store.unit() as unit:
        (row,) = await unit.lock_claimable([identity])
    return row


def change(row: CommandRow, state: State, **fields: Any) -> Change:
    """A change of this row."""
    facts: dict[str, Any] = {
        "command_id": row.command_id,
        "fence": row.fence,
        "before": row.state,
        "state": state,
        "attempt": row.attempt,
        "failures": row.failures,
        "sequence": row.sequence,
        "wait": timedelta(0),
        "wait_reason": "",
        "blocked": False,
        "result": None,
    }
    return Change(**{**facts, **fields})


async def settle(store: Store, row: CommandRow, state: State, **fields: Any) -> bool:
    """Whether the change was applied."""
    async with store.unit() as unit:
        return row.command_id in await unit.change_commands([change(row, state, **fields)])


def tag(number: int, *, conversation: int = 1, rule: str = "r1", **fields: Any) -> NewCommand:
    """The tag command of the n-th mail."""
    return new(given(number, conversation=conversation, rule=rule, **fields))


def given(number: int, *, conversation: int = 1, rule: str = "r1", **fields: Any) -> ActionCommand:
    """The same as a record."""
    return command(mail(number, conversation=conversation), rule=rule, **fields)


async def lockable(unit: Unit, ids: list[UUID]) -> list[UUID]:
    """Those that it could lock."""
    return [row.command_id for row in await unit.lock_claimable(ids)]
