"""How far a consumer group is behind, as the member that has the partitions sees it."""

import logging
from collections import defaultdict, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from runtime.clock import Clock
from runtime.errors import TransientError
from runtime.kafka import Lane
from runtime.service import Process

log = logging.getLogger(__name__)
EVERY_SECONDS = 5.0
MARKS = 720
"""An hour of looks; what comes later counts to the last one."""


class Member(Protocol):
    """A consumer of a group."""

    async def behind(self) -> dict[Lane, tuple[int, int]]:
        """Of each partition that it has: the offset up to which all is done, and the end."""


@dataclass(frozen=True, slots=True)
class Behind:
    """Records that are not done, and the seconds since the oldest of them was first seen to be there."""

    records: int = 0
    seconds: float = 0.0


class LagMeter:
    """Remembers when each end was first seen, since a record that was not read does not tell its age."""

    def __init__(self, member: Member, topics: Sequence[str], clock: Clock) -> None:
        self._member = member
        self._topics = tuple(topics)
        self._clock = clock
        self._seen: dict[Lane, deque[tuple[int, float]]] = {}

    async def look(self) -> dict[str, Behind]:
        """By topic; one whose partitions are with other members is not behind here. Raises TransientError."""
        lanes = await self._member.behind()
        now = self._clock.monotonic()
        self._seen = {lane: self._seen.get(lane, deque()) for lane in lanes}
        found: dict[str, list[Behind]] = defaultdict(list, {topic: [] for topic in self._topics})
        for lane, (done, end) in lanes.items():
            found[lane[0]].append(Behind(max(0, end - done), self._waited(lane, done, end, now)))
        return {topic: _together(each) for topic, each in found.items()}

    def _waited(self, lane: Lane, done: int, end: int, now: float) -> float:
        marks = self._seen[lane]
        while marks and marks[0][0] <= done:
            marks.popleft()
        if end > (marks[-1][0] if marks else done):
            if len(marks) < MARKS:
                marks.append((end, now))
            else:
                marks[-1] = (end, marks[-1][1])
        return now - marks[0][1] if marks else 0.0


async def watch_lag(
    process: Process, meter: LagMeter, report: Callable[[Mapping[str, Behind]], None], every: float = EVERY_SECONDS
) -> None:
    """Report after so many seconds, again and again until the process stops. While no broker answers, what was said
    last stands.
    """
    while not await process.pause(every):
        try:
            report(await meter.look())
        except TransientError as error:
            log.info("the lag is not known", extra={"code": error.code, "detail": error.text})


def _together(lanes: Sequence[Behind]) -> Behind:
    return Behind(sum(each.records for each in lanes), max((each.seconds for each in lanes), default=0.0))
