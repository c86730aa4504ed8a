"""A submission server in memory that behaves like the real ones, with troubles on demand."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Literal, NamedTuple

from runtime.errors import MaildeskError, OutcomeUnknownError, PermanentError, TargetDownError, TransientError

Trouble = Literal[
    "down",
    "login refused",
    "recipient refused",
    "recipient later",
    "closing",
    "lost at recipient",
    "silent at recipient",
    "data refused",
    "lost at data",
    "lost in message",
    "message later",
    "message refused",
    "lost after message",
    "silent after message",
]
"""What can go wrong, in the order in which it can."""

TAKEN: tuple[Trouble, ...] = ("lost after message", "silent after message")
"""The server has the message, and the client does not hear of it."""

_BEFORE: dict[Trouble, Callable[[str], MaildeskError]] = {
    "down": lambda text: TargetDownError(text, code="smtp-connect"),
    "login refused": lambda text: TargetDownError(text, code="smtp-login"),
    "recipient refused": lambda text: PermanentError(text, code="smtp-refused"),
    "recipient later": lambda text: TransientError(text, code="smtp-later"),
    "closing": lambda text: TargetDownError(text, code="smtp-closing"),
    "lost at recipient": lambda text: TargetDownError(text, code="smtp-lost"),
    "silent at recipient": lambda text: TargetDownError(text, code="smtp-lost"),
}
_WITH: dict[Trouble, Callable[[str], MaildeskError]] = {
    "data refused": lambda text: PermanentError(text, code="smtp-refused"),
    "lost at data": lambda text: TargetDownError(text, code="smtp-lost"),
    "lost in message": lambda text: TargetDownError(text, code="smtp-lost"),
    "message later": lambda text: TransientError(text, code="smtp-later"),
    "message refused": lambda text: PermanentError(text, code="smtp-refused"),
    "lost after message": lambda text: OutcomeUnknownError(text, code="smtp-unknown"),
    "silent after message": lambda text: OutcomeUnknownError(text, code="smtp-unknown"),
}


class Taken(NamedTuple):
    """A message that the server has."""

    sender: str
    recipient: str
    message: bytes


class FakeSmtpServer:
    """`taken` lists what it took; `trouble` may change at any time. `at`, where given, is called with the name of
    each point that a connection passes: what it raises stops the connection there, as a death would."""

    def __init__(self) -> None:
        self.taken: list[Taken] = []
        self.trouble: Trouble | None = None
        self.delay = 0.0
        """Seconds before each call does anything."""
        self.at: Callable[[str], Awaitable[None]] | None = None
        self.open_connections = 0

    def connect(self) -> "FakeSmtp":
        """A connection; nothing is reached before its first call."""
        self.open_connections += 1
        return FakeSmtp(self)

    async def passes(self, point: str) -> None:
        """A point of the dialogue."""
        if self.at is not None:
            await self.at(point)


class FakeSmtp:
    """See SmtpConnection."""

    def __init__(self, server: FakeSmtpServer) -> None:
        self._server = server
        self._envelope = ("", "")

    async def prepare(self, sender: str, recipient: str) -> None:
        """See SmtpConnection."""
        await asyncio.sleep(self._server.delay)
        await self._server.passes("before prepare")
        self._fail(_BEFORE)
        self._envelope = (sender, recipient)
        await self._server.passes("prepared")

    async def transmit(self, message: bytes) -> str:
        """See SmtpConnection."""
        await asyncio.sleep(self._server.delay)
        await self._server.passes("before the message")
        if self._server.trouble is None or self._server.trouble in TAKEN:
            self._server.taken.append(Taken(*self._envelope, message))
        await self._server.passes("before its answer")
        self._fail(_WITH)
        return "2.0.0 taken"

    async def close(self) -> None:
        """See SmtpConnection."""
        self._server.open_connections -= 1

    def _fail(self, troubles: dict[Trouble, Callable[[str], MaildeskError]]) -> None:
        trouble = self._server.trouble
        if trouble in troubles:
            raise troubles[trouble](f"the SMTP server of the tests: {trouble}")
