"""Stand-ins for Postgres and Kafka that fail as they are told."""

from collections.abc import Callable, Sequence
from datetime import date

from runtime.errors import TransientError
from runtime.kafka import Outgoing
from services.audit.entry import Entry, Kind
from services.audit.refusal import RecordRefusedError


class FakeLog:
    """Takes entries; fails `failures` times first, and for ever on what `refuses` names."""

    def __init__(self, failures: int = 0, refuses: Callable[[Entry], bool] = lambda _: False) -> None:
        self.failures = failures
        self.written: list[Entry] = []
        self.made: list[date] = []
        self._refuses = refuses

    async def write(self, entries: Sequence[Entry]) -> dict[Kind, int]:
        if self.failures:
            self.failures -= 1
            raise TransientError("not now")
        if any(map(self._refuses, entries)):
            raise RecordRefusedError("never")
        self.written += entries
        return {"execution": len(entries)}

    async def make_month(self, month: date) -> list[str]:
        if self.failures:
            self.failures -= 1
            raise TransientError("not now")
        self.made.append(month)
        return ["execution"]


class FakePublisher:
    """Takes dead letters."""

    def __init__(self) -> None:
        self.sent: list[Outgoing] = []

    async def send_all(self, records: Sequence[Outgoing]) -> None:
        self.sent += records
