"""The flow for browsers with an address on this machine (RFC 8252 §7.3) and a proof (PKCE, RFC 7636).

For providers whose device flow grants no right on mail.
"""

import asyncio
import base64
import hashlib
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final
from urllib.parse import parse_qs, urlencode, urlsplit

from connectors.oauth.granting import Client, refresh_token_of, refusal
from connectors.oauth.http import Refused
from runtime.errors import InvalidInputError

WAIT_SECONDS: Final = 600.0
READ_SECONDS: Final = 10.0
_PAGE: Final = b"<!doctype html><title>MailDesk</title><p>You can close this page and go back to the command line.</p>"


async def authorize(client: Client, user: str, tell: Callable[[str], None], seconds: float = WAIT_SECONDS) -> str:
    """`tell` is given the address to open; the refresh token comes when the person has consented there.

    Raises InvalidInputError: denied, refused, or nobody came within `seconds`.
    """
    proof, state = secrets.token_urlsafe(48), secrets.token_urlsafe(24)
    async with _listening(state) as (port, came):
        back = f"http://127.0.0.1:{port}/"
        tell(_address(client, user, back, state, proof))
        try:
            async with asyncio.timeout(seconds):
                query = await came
        except TimeoutError:
            raise refusal(Refused("expired_token"), "not authorized") from None
    if (error := query.get("error")) is not None:
        raise refusal(Refused(error if error.isidentifier() and len(error) < 60 else "error"), "not authorized")
    form = {"grant_type": "authorization_code", "code": query["code"], "redirect_uri": back, "code_verifier": proof}
    answer = await client.ask_for_token(form)
    if isinstance(answer, Refused):
        raise refusal(answer, "not authorized")
    return refresh_token_of(answer)


def _address(client: Client, user: str, back: str, state: str, proof: str) -> str:
    ends = client.oauth.ends
    if ends.login_url is None:
        raise InvalidInputError("the provider has no address for browsers; give login_url")
    digest = base64.urlsafe_b64encode(hashlib.sha256(proof.encode()).digest()).rstrip(b"=").decode()
    asked = {
        "response_type": "code",
        "client_id": client.oauth.client_id,
        "redirect_uri": back,
        "scope": ends.scope,
        "state": state,
        "code_challenge": digest,
        "code_challenge_method": "S256",
        "login_hint": user,
        # Google gives a refresh token for these two only.
        "access_type": "offline",
        "prompt": "consent",
    }
    return f"{ends.login_url}{'&' if '?' in ends.login_url else '?'}{urlencode(asked)}"


@asynccontextmanager
async def _listening(state: str) -> AsyncIterator[tuple[int, asyncio.Future[dict[str, str]]]]:
    """A port of this machine only, and the first query that comes there with our state and a code or an error."""
    came: asyncio.Future[dict[str, str]] = asyncio.get_running_loop().create_future()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(READ_SECONDS):
                line = await reader.readline()
                while (await reader.readline()).strip():
                    pass
                query = _query(line)
                ours = secrets.compare_digest(query.get("state", "").encode(), state.encode())
                if ours and ("code" in query or "error" in query) and not came.done():
                    came.set_result(query)
                status = b"200 OK" if ours else b"404 Not Found"
                head = b"HTTP/1.1 " + status + b"\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n"
                writer.write(head + (_PAGE if ours else b""))
                await writer.drain()
        except (TimeoutError, OSError, ValueError):
            return
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1], came
    finally:
        server.close()


def _query(line: bytes) -> dict[str, str]:
    parts = line.decode("latin-1").split()
    if len(parts) != 3 or parts[0] != "GET":
        return {}
    return {name: values[0] for name, values in parse_qs(urlsplit(parts[1]).query).items()}
