"""Changing many messages of one mailbox together, within the time that an effect has: found in few commands, changed in
few, answered one by one."""

import asyncio
import logging
from collections.abc import Sequence
from typing import NamedTuple

from connectors.mailbox.changes import Change, Changed
from connectors.mailbox.port import MailboxConnection, MessageGoneError, Reference
from runtime.errors import MaildeskError, OutcomeUnknownError, TargetDownError, TransientError
from services.actions.effects.one_by_one import SPARE_SECONDS

log = logging.getLogger(__name__)
LOOKS = 2
"""Another rule's action may move a message between the look and the change: it is looked for once more."""


class Wish(NamedTuple):
    """A change of one message."""

    reference: Reference
    change: Change


class Done(NamedTuple):
    """Where the message was, and what became of it."""

    found_at: str
    changed: Changed


Answer = Done | MaildeskError


async def change_together(
    connection: MailboxConnection, wishes: Sequence[Wish], seconds: float, target: str
) -> list[Answer]:
    """An answer for each wish, in order. Once the target is down the rest need not find out for themselves.

    It ends a little before `seconds`: then only what was being changed has an unknown outcome.
    """
    work = _Work(connection, wishes)
    try:
        async with asyncio.timeout(seconds - SPARE_SECONDS):
            await work.do()
    except TimeoutError:
        text = f"{target} gave no answer within {seconds - SPARE_SECONDS:.0f} s"
        work.fill(OutcomeUnknownError(text, code="time-out"), work.changing)
        work.fill(TargetDownError(text, code="target-slow"))
    except MaildeskError as error:
        work.fill(error)
    except Exception as error:
        log.exception("a mailbox raised what it should not")
        work.fill(TransientError(f"internal error: {type(error).__name__}", code="internal-error"))
    return [work.answers[index] for index in range(len(wishes))]


class _Work:
    def __init__(self, connection: MailboxConnection, wishes: Sequence[Wish]) -> None:
        self._connection = connection
        self._wishes = wishes
        self.answers: dict[int, Answer] = {}
        self.changing: list[int] = []

    def fill(self, error: MaildeskError, indexes: Sequence[int] | None = None) -> None:
        """For those without an answer."""
        for index in range(len(self._wishes)) if indexes is None else indexes:
            self.answers.setdefault(index, error)

    async def do(self) -> None:
        todo = list(range(len(self._wishes)))
        for look in range(1, LOOKS + 1):
            uris = await self._located(todo)
            for change, indexes in _together({i: (self._wishes[i].change, uri) for i, uri in uris.items()}):
                if (down := await self._changed(change, {i: uris[i] for i in indexes})) is not None:
                    self.fill(down)
                    return
            todo = [i for i in uris if isinstance(self.answers[i], MessageGoneError)]
            if not todo:
                return
            if look < LOOKS:
                for index in todo:
                    del self.answers[index]

    async def _located(self, indexes: Sequence[int]) -> dict[int, str]:
        found = await self._connection.locate_many([self._wishes[index].reference for index in indexes])
        uris: dict[int, str] = {}
        for index, answer in zip(indexes, found, strict=True):
            if isinstance(answer, MaildeskError):
                self.answers[index] = answer
            else:
                uris[index] = answer
        return uris

    async def _changed(self, change: Change, uris: dict[int, str]) -> TargetDownError | None:
        self.changing = list(uris)
        places = [(self._wishes[index].reference, uri) for index, uri in uris.items()]
        answers = await self._connection.change_many(change, places)
        self.changing = []
        for (index, uri), answer in zip(uris.items(), answers, strict=True):
            self.answers[index] = answer if isinstance(answer, MaildeskError) else Done(uri, answer)
        return next((answer for answer in answers if isinstance(answer, TargetDownError)), None)


def _together(wanted: dict[int, tuple[Change, str]]) -> list[tuple[Change, list[int]]]:
    """Groups of the same change. What is wanted of one message twice stays in its order."""
    runs: list[dict[Change, list[int]]] = []
    last: dict[str, int] = {}
    for index, (change, uri) in wanted.items():
        run = last[uri] = last.get(uri, -1) + 1
        if run == len(runs):
            runs.append({})
        runs[run].setdefault(change, []).append(index)
    return [(change, indexes) for run in runs for change, indexes in run.items()]
