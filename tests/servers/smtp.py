"""A real SMTP server for tests: aiosmtpd on a free port, with TLS, logins and troubles on demand.

with running_smtp() as server:
    server.port, server.taken
"""

import asyncio
import base64
import contextlib
import ssl
import subprocess
import threading
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from connectors.smtp.fake import Taken, Trouble

USER, PASSWORD = "support", "pässword of support"
SILENCE = 3.0
"""Seconds; longer than the clients of the tests wait."""


class SmtpServer:
    """`taken` lists what it took; `trouble` may change at any time."""

    def __init__(self) -> None:
        self.taken: list[Taken] = []
        self.trouble: Trouble | None = None
        self.logins: list[str] = []
        self.accepts: Callable[[str, str], bool] | None = None
        """Whether a user's token is good, where logins are by token."""
        self.error_answers: list[Any] = []
        self.at: Callable[[str], None] | None = None
        """Called with the name of each step of the dialogue, before it is answered."""
        self.port = 0
        self.certificate: Path | None = None

    def trust(self) -> ssl.SSLContext:
        """A context that trusts its certificate, for localhost and 127.0.0.1."""
        assert self.certificate is not None
        return ssl.create_default_context(cafile=str(self.certificate))

    def authenticate(self, _server: SMTP, _session: Session, _envelope: Envelope, _kind: str, data: Any) -> AuthResult:
        """The one user, unless logins are in trouble."""
        right = isinstance(data, LoginPassword) and (data.login.decode(), data.password.decode()) == (USER, PASSWORD)
        self.logins.append(data.login.decode() if isinstance(data, LoginPassword) else "")
        return AuthResult(success=right and self.trouble != "login refused", handled=False)

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - its name
        """Keep the message as it came, dots undone."""
        content = envelope.content
        assert isinstance(content, bytes)
        self.taken.append(Taken(envelope.mail_from or "", envelope.rcpt_tos[0], content))
        return "250 2.0.0 taken"


class _Troubled(SMTP):
    def __init__(self, server: SmtpServer, **options: Any) -> None:
        super().__init__(server, **options)
        self._tests = server

    def _cut(self) -> None:
        assert isinstance(self.transport, asyncio.Transport)
        self.transport.abort()

    def _step(self, name: str) -> None:
        if self._tests.at is not None:
            self._tests.at(name)

    async def auth_XOAUTH2(self, _server: SMTP, args: list[str]) -> AuthResult:  # noqa: N802 - its name
        """With the error in JSON and the empty answer to it that Google and Microsoft want."""
        fields = dict(part.split("=", 1) for part in base64.b64decode(args[1]).decode().split("\x01") if part)
        user, token = fields["user"], fields["auth"].removeprefix("Bearer ")
        self._tests.logins.append(user)
        assert self._tests.accepts is not None
        if self._tests.accepts(user, token):
            return AuthResult(success=True, auth_data=user)
        self._tests.error_answers.append(await self.challenge_auth('{"status":"401","schemes":"bearer"}'))
        return AuthResult(success=False, handled=False)

    async def smtp_QUIT(self, arg: str) -> None:  # noqa: N802 - its name
        self._step("QUIT")
        await super().smtp_QUIT(arg)

    async def smtp_RCPT(self, arg: str) -> None:  # noqa: N802 - its name
        self._step("RCPT")
        match self._tests.trouble:
            case "recipient refused":
                await self.push("550 5.1.1 no such user")
            case "recipient later":
                await self.push("450 4.2.1 try again later")
            case "closing":
                await self.push("421 4.3.2 closing")
            case "lost at recipient":
                self._cut()
            case "silent at recipient":
                return  # the client waits for an answer that never comes
            case _:
                await super().smtp_RCPT(arg)

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802 - its name
        trouble = self._tests.trouble
        self._step("DATA")
        if trouble == "data refused":
            await self.push("554 5.7.1 no")
        elif trouble == "lost at data":
            self._cut()
        elif trouble == "lost in message":
            await super().push("354 go on")
            await self._reader.readline()
            self._cut()
        else:
            await super().smtp_DATA(arg)

    async def push(self, status: Any) -> None:
        """The answer to the message is the one that troubles are about."""
        trouble = self._tests.trouble
        taken = isinstance(status, str) and status.startswith("250 2.0.0 taken")
        if taken:
            self._step("message")
        if taken and trouble:
            if trouble in ("message later", "message refused"):
                self._tests.taken.pop()
                status = "451 4.3.0 later" if trouble == "message later" else "554 5.6.0 no"
            elif trouble == "lost after message":
                self._cut()
                return
            elif trouble == "silent after message":
                return
        await super().push(status)


@contextlib.contextmanager
def running_smtp(
    folder: Path | None = None,
    *,
    security: str = "none",
    login: bool = False,
    accepts: Callable[[str, str], bool] | None = None,
) -> Iterator[SmtpServer]:
    """A server that is stopped at the end. `security` as in `outgoing`; for TLS a certificate is made in `folder`.

    `accepts`: logins are by token (XOAUTH2), and these users' tokens are good.
    """
    server = SmtpServer()
    options: dict[str, Any] = {"decode_data": False, "hostname": "smtp.tests.example"}
    context = None
    if security != "none":
        assert folder is not None
        server.certificate = _certificate(folder)
        made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        made.load_cert_chain(folder / "cert.pem", folder / "key.pem")
        if security == "tls":
            context = made
        else:
            options |= {"tls_context": made, "require_starttls": True}
    server.accepts = accepts
    options["auth_exclude_mechanism"] = ["XOAUTH2"] if accepts is None else ["LOGIN", "PLAIN"]
    if login or accepts is not None:
        options |= {
            "authenticator": server.authenticate,
            "auth_required": True,
            "auth_require_tls": security == "starttls",
        }
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    served = loop.create_server(lambda: _connection(server, loop, options), "127.0.0.1", 0, ssl=context)
    listening = asyncio.run_coroutine_threadsafe(served, loop).result(10)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        asyncio.run_coroutine_threadsafe(_end(listening), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


def _connection(server: SmtpServer, loop: asyncio.AbstractEventLoop, options: dict[str, Any]) -> SMTP:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a login without TLS is what the tests want
        return _Troubled(server, loop=loop, **options)


async def _end(listening: asyncio.Server) -> None:
    listening.close()
    others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


def _certificate(folder: Path) -> Path:
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost"
    names = ["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    files = ["-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")]
    subprocess.run([*command.split(), *names, *files], check=True, capture_output=True)
    return folder / "cert.pem"
