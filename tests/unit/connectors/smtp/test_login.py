"""What an SMTP server may do to a login: repeat the command that it does not know, or hang up."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

import pytest

from connectors.oauth.tokens import TokenSource
from connectors.smtp.login import SmtpAccount, open_client
from runtime.errors import TargetDownError
from schemas.outgoing import Outgoing

TOKEN = "access-token-of-anna-that-nobody-may-see"
PASSWORD = "password-of-anna"


class OneToken:
    """The part of a TokenSource that a login asks."""

    remedy = "run: maildesk mailboxes authorize sales"

    def __init__(self) -> None:
        self.bad: list[str] = []

    def token(self) -> str:
        return TOKEN

    def refused(self, token: str) -> None:
        self.bad.append(token)


@asynccontextmanager
async def serving(mechanism: str, *, hangs_up: bool) -> AsyncIterator[int]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 ready\r\n")
        while line := await reader.readline():
            if line[:4].upper() == b"EHLO":
                writer.write(f"250-here\r\n250 AUTH {mechanism}\r\n".encode())
            elif hangs_up:
                break
            else:
                writer.write(b'500 5.5.1 Command unrecognized: "' + line.strip()[:60] + b'..."\r\n')
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


def account(port: int, tokens: OneToken | None) -> SmtpAccount:
    given: dict[str, Any] = {"password": "P"}
    if tokens is not None:
        custom = {"provider": "custom", "client_id": "app", "refresh_token": "GRANT", "token_url": "https://a.example"}
        given = {"oauth": custom}
    place = {"host": "127.0.0.1", "port": port, "security": "none", "username": "anna", "address": "a@x.example"}
    outgoing = Outgoing.model_validate({**place, **given})
    return SmtpAccount("sales", outgoing, lambda: PASSWORD, tokens=cast("TokenSource | None", tokens))


@pytest.mark.parametrize("mechanism", ["XOAUTH2", "PLAIN"])
async def test_what_a_server_repeats_of_the_login_is_in_no_text(mechanism: str) -> None:
    tokens = OneToken() if mechanism == "XOAUTH2" else None
    async with serving(mechanism, hangs_up=False) as port:
        with pytest.raises(TargetDownError, match=rf"unrecognized: \"AUTH {mechanism} \*\*\*") as refused:
            await asyncio.to_thread(open_client, account(port, tokens))
    assert refused.value.code == "smtp-login"


async def test_a_token_that_a_server_hangs_up_on_is_not_used_again() -> None:
    tokens = OneToken()
    async with serving("XOAUTH2", hangs_up=True) as port:
        with pytest.raises(TargetDownError, match="broke the connection at login"):
            await asyncio.to_thread(open_client, account(port, tokens))
    assert tokens.bad == [TOKEN]
