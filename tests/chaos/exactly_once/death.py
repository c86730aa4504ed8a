"""SIGKILL from within: a worker's clients that kill their own process at one of the numbered points."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from runtime.kafka import Mark, Outgoing
from runtime.postgres import Database, Session
from tests.chaos.exactly_once.log import LogConsumer, LogProducer
from tests.chaos.exactly_once.points import Point

LOOK = """
SELECT (SELECT state FROM actions.command) AS state,
       EXISTS (SELECT FROM actions.outbox WHERE published_at IS NOT NULL) AS published
"""
WAIT_SECONDS = 10.0
COMMITTED = {"pending": Point.ACCEPTED, "running": Point.CLAIMED, "sending": Point.SENDING}
OF_CALLS = ((Point.NOT_ASKED, Point.ANSWER_LOST), (None, Point.SECOND_LOST), (None, None))
OF_COPIES = (Point.NO_COPY, Point.COPIED)
"""Points before and after the calls that change something."""
READING = ("search_read", "search", "search_count", "read", "fields_get", "default_get")


class Death:
    """Where this process dies. `calls`: how many change the target before all is done; `note` says it died."""

    def __init__(self, point: Point, calls: int, note: Path) -> None:
        self.point = point
        self.changed = 0
        self.offset = asyncio.Event()
        self._calls = calls
        self._note = note

    @property
    def all_changed(self) -> bool:
        """Whether every call that changes the target was answered."""
        return self.changed == self._calls

    def at(self, point: Point | None) -> None:
        """Nothing after this happens when it is the point."""
        if point is self.point:
            self._note.write_text(f"{self.point} {self.changed}")
            os.kill(os.getpid(), signal.SIGKILL)

    async def around(self, change: Awaitable[Any], copies: bool) -> Any:
        """A call that changes the target, or one that puts a copy of a reply into Sent."""
        before, after = OF_COPIES if copies else OF_CALLS[min(self.changed, 2)]
        self.at(before)
        answer = await change
        self.changed += 1
        self.at(after)
        return answer


class MortalTarget:
    """A mailbox or an Odoo. Whatever is not known to read changes it; APPEND is the copy of a reply."""

    def __init__(self, target: Any, reads: Collection[str], death: Death) -> None:
        self._target = target
        self._reads = reads
        self._death = death

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._target, name)
        return method if name in self._reads else self._changing(name, method)

    def _changing(self, name: str, method: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def change(*args: Any, **named: Any) -> Any:
            if _changes_nothing(name, args):
                return await method(*args, **named)
            return await self._death.around(method(*args, **named), name == "append")

        return change


def _changes_nothing(name: str, args: Sequence[Any]) -> bool:
    """A load without rows, or a call of one of Odoo's own methods that read."""
    return (name == "load" and not args[2]) or (name == "call" and args[1] in READING)


class MortalSmtp:
    """A submission. Between DATA and the answer it is the server that has the worker killed."""

    def __init__(self, smtp: Any, death: Death) -> None:
        self._smtp = smtp
        self._death = death

    async def prepare(self, sender: str, recipient: str) -> None:
        self._death.at(Point.NOT_ASKED)
        await self._smtp.prepare(sender, recipient)

    async def transmit(self, message: bytes) -> str:
        answer = await self._smtp.transmit(message)
        self._death.changed += 1
        self._death.at(Point.TAKEN)
        return str(answer)

    async def close(self) -> None:
        await self._smtp.close()


class MortalDatabase:
    """The pool; what a transaction has made of the one command says which point it is."""

    def __init__(self, database: Database, death: Death) -> None:
        self._database = database
        self._death = death

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._database, name)
        return method if name == "close" else self._alone(method)

    def _alone(self, method: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def statement(*args: Any) -> Any:
            self._begin()
            answer = await method(*args)
            async with self._database.session() as session:
                self._committed(await state(session))
            return answer

        return statement

    @asynccontextmanager
    async def session(self) -> AsyncIterator[Session]:
        self._begin()
        async with self._database.session() as session:
            yield session
            self._committed(await state(session))

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Session]:
        self._begin()
        async with self._database.transaction() as session:
            yield session
            found = await state(session)
            if found == "succeeded":
                self._death.at(Point.NOT_COMMITTED)
        self._committed(found)

    def _begin(self) -> None:
        if self._death.all_changed:
            self._death.at(Point.ANSWERED)

    def _committed(self, found: str | None) -> None:
        if found in COMMITTED:
            self._death.at(COMMITTED[found])


async def state(session: Session | Database) -> str | None:
    """Of the one command, as it is seen from there; None while there is none."""
    row = await session.fetchrow(LOOK)
    assert row is not None
    return None if row["state"] is None else str(row["state"])


class MortalProducer(LogProducer):
    """What is published last is the result."""

    def __init__(self, database: Database, death: Death) -> None:
        super().__init__(database)
        self._death = death

    async def send_all(self, records: Sequence[Outgoing]) -> None:
        if self._death.point is Point.NOT_PUBLISHED:
            async with asyncio.timeout(WAIT_SECONDS):
                await self._death.offset.wait()
        self._death.at(Point.NOT_PUBLISHED)
        await super().send_all(records)
        self._death.at(Point.NOT_MARKED)


class MortalConsumer(LogConsumer):
    """Its commit is the last step of all."""

    def __init__(self, database: Database, topic: str, death: Death) -> None:
        super().__init__(database, topic)
        self._death = death

    async def commit(self, upto: Mark) -> bool:
        if self._death.point is Point.NOT_FORGOTTEN:
            async with asyncio.timeout(WAIT_SECONDS):
                while not (await self._database.fetch(LOOK))[0]["published"]:  # noqa: ASYNC110 - another task's work
                    await asyncio.sleep(0.02)
        self._death.at(Point.NOT_FORGOTTEN)
        await super().commit(upto)
        self._death.offset.set()
        return True
