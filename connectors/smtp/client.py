"""A submission server (RFC 6409), on smtplib in a thread of its own."""

import asyncio
import contextlib
import re
import smtplib
import socket
import ssl
from collections.abc import Callable
from typing import TypeVar

from connectors.mailbox.serial import SerialThread
from connectors.oauth.tokens import Tokens
from connectors.smtp.answers import refusal, shown
from connectors.smtp.login import SmtpAccount, SmtpTimeouts, open_client
from runtime.errors import OutcomeUnknownError, TargetDownError
from schemas.mailbox import Mailbox

T = TypeVar("T")

QUIT_SECONDS = 2.0
_LOST = (OSError, smtplib.SMTPException)
_DOTS = re.compile(rb"(?m)^\.")
_LINE_ENDS = re.compile(rb"\r\n|\r|\n")


class SmtpClient:
    """See SmtpConnection."""

    def __init__(self, account: SmtpAccount) -> None:
        self._account = account
        self._thread = SerialThread(f"smtp-{account.mailbox}")
        self._client: smtplib.SMTP | None = None
        self._closed = False
        self._idle = True

    async def prepare(self, sender: str, recipient: str) -> None:
        """See SmtpConnection."""
        await self._run(lambda: self._prepare(sender, recipient))

    async def transmit(self, message: bytes) -> str:
        """See SmtpConnection."""
        return await self._run(lambda: self._transmit(message))

    async def close(self) -> None:
        """QUIT where the server waits for a command. One that is cancelled in the middle has its line cut."""
        if self._idle and self._client is not None:
            with contextlib.suppress(Exception):
                async with asyncio.timeout(QUIT_SECONDS):
                    await self._thread.run(self._quit)
        self._closed = True
        _cut(self._client)
        self._thread.stop()

    def _quit(self) -> None:
        if self._client is not None:
            self._client.quit()

    async def _run(self, call: Callable[[], T]) -> T:
        self._idle = False
        found = await self._thread.run(call)
        self._idle = True
        return found

    def _prepare(self, sender: str, recipient: str) -> None:
        place = self._account.place
        self._client = client = open_client(self._account)
        if self._closed:
            _cut(client)
        try:
            _accepted(place, "MAIL", client.mail(sender))
            _accepted(place, "RCPT", client.rcpt(recipient))
        except _LOST as error:
            text = f"{place} broke the connection before a message was sent"
            raise TargetDownError(text, code="smtp-lost") from error

    def _transmit(self, message: bytes) -> str:
        client, place, ended = self._client, self._account.place, False
        assert client is not None
        assert client.sock is not None
        try:
            code, answer = client.docmd("DATA")
            if code != 354:
                raise refusal(place, "DATA", code, answer)
            client.send(_stuffed(message))
            client.sock.settimeout(self._account.timeouts.message)
            ended = True
            client.send(b".\r\n")
            code, answer = client.getreply()
        except _LOST as error:
            if not ended:
                text = f"{place} broke the connection before the end of the message, so it has not taken it"
                raise TargetDownError(text, code="smtp-lost") from error
            raise OutcomeUnknownError(f"{place} gave no answer to the whole message", code="smtp-unknown") from error
        if code // 100 == 2:
            return shown(answer)
        if code // 100 in (4, 5):
            raise refusal(place, "the message", code, answer)
        raise OutcomeUnknownError(f"{place} answered the whole message with {code}", code="smtp-unknown")


def open_smtp(
    mailbox: Mailbox,
    secret: Callable[[str], str],
    *,
    timeouts: SmtpTimeouts | None = None,
    ssl_context: ssl.SSLContext | None = None,
    tokens: Tokens | None = None,
) -> SmtpClient:
    """Touches nothing: the server is reached, and `secret(name)` asked, by `prepare`. The mailbox must have `outgoing`.

    `ssl_context` replaces the system's certificate checks (a private authority). `tokens`: of all mailboxes that log
    in with `oauth`.
    """
    outgoing = mailbox.outgoing
    assert outgoing is not None
    granted = None
    if outgoing.oauth is not None:
        assert tokens is not None, "a mailbox with oauth is opened with tokens"
        granted = tokens.source(mailbox.id, outgoing.oauth)
    account = SmtpAccount(
        mailbox.id, outgoing, lambda: secret(outgoing.password or ""), timeouts or SmtpTimeouts(), ssl_context, granted
    )
    return SmtpClient(account)


def _accepted(place: str, step: str, reply: tuple[int, bytes]) -> None:
    code, answer = reply
    if code // 100 != 2:
        raise refusal(place, step, code, answer)


def _stuffed(message: bytes) -> bytes:
    """Lines ended by CRLF, also the last, and a dot doubled where a line begins with one (RFC 5321 §4.5.2)."""
    lines = _LINE_ENDS.sub(b"\n", message)
    ended = lines if lines.endswith(b"\n") else lines + b"\n"
    return _DOTS.sub(b"..", ended).replace(b"\n", b"\r\n")


def _cut(client: smtplib.SMTP | None) -> None:
    """Also where a thread waits for it: that ends with an error."""
    if client is not None and client.sock is not None:
        with contextlib.suppress(OSError):
            client.sock.shutdown(socket.SHUT_RDWR)
        with contextlib.suppress(Exception):
            client.close()
