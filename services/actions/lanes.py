"""Lanes: what belongs to one conversation and one target happens in the order in which it was accepted, up to a bound.

Commands of one mail share a lane freely; a dry run has none.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from services.actions.model import Blocker, CommandRow
from services.actions.port import Unit
from services.actions.states import SUPERSEDED, State

_NOT_ITS_OWN = ("target-down", "lane_busy", SUPERSEDED)
"""Waits that the blocker is not to blame for: nobody could act there, it stands behind another, or its end is near."""


@dataclass(slots=True)
class Sorted:
    """`free` may go on; `behind` must wait; `after` comes right after one of `free`; `overdue` is to be superseded.

    `overdue` holds each command with the one that waited too long behind it.
    """

    free: list[CommandRow] = field(default_factory=list)
    behind: list[CommandRow] = field(default_factory=list)
    after: list[CommandRow] = field(default_factory=list)
    overdue: list[tuple[CommandRow, CommandRow]] = field(default_factory=list)


async def sort_by_lane(unit: Unit, rows: Sequence[CommandRow], bound: timedelta) -> Sorted:
    """`rows` in order of age. `bound`: how long one may stand behind another that keeps failing."""
    found = Sorted()
    in_lanes = [row for row in rows if row.lane]
    blockers = await unit.blockers(in_lanes) if in_lanes else {}
    taken: dict[str, UUID] = {}
    overdue: set[UUID] = set()
    for row in rows:
        if not row.lane:
            found.free.append(row)
        elif taken.setdefault(row.lane, row.event_id) != row.event_id:
            found.after.append(row)
        elif (blocker := blockers.get(row.command_id)) is None:
            found.free.append(row)
        else:
            found.behind.append(row)
            if _overdue(unit, row, blocker, bound) and blocker.command_id not in overdue:
                overdue.add(blocker.command_id)
                found.overdue += [(late, row) for late in await unit.lock_claimable([blocker.command_id], early=True)]
    return found


def _overdue(unit: Unit, row: CommandRow, blocker: Blocker, bound: timedelta) -> bool:
    if blocker.state is not State.RETRY_WAIT or blocker.wait_reason in _NOT_ITS_OWN:
        return False
    return row.blocked_since is not None and unit.now - row.blocked_since > bound
