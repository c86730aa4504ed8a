"""The book of replies in memory, for tests of what stands above. `clock` is the database's."""

from collections import Counter
from uuid import UUID

from runtime.clock import Clock
from services.actions.replies.caps import Cap, cap_reached


class MemoryReplyBook:
    """See caps.ReplyBook."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.admitted: set[UUID] = set()
        self.taken: set[UUID] = set()
        self._counts: Counter[tuple[str, int, int]] = Counter()

    async def admit(self, command: UUID, mailbox: str, caps: list[Cap]) -> None:
        del mailbox
        if command in self.admitted:
            return
        now = int(self._clock.now().timestamp())
        slots = {cap: (cap.subject, cap.seconds, now // cap.seconds) for cap in caps}
        for cap in sorted(caps, key=lambda each: (each.seconds, each.subject)):
            if self._counts[slots[cap]] >= cap.most:
                raise cap_reached(cap)
        self._counts.update(slots.values())
        self.admitted.add(command)

    async def note_taken(self, command: UUID) -> None:
        if command in self.admitted:
            self.taken.add(command)

    async def was_taken(self, command: UUID) -> bool:
        return command in self.taken
