"""HTTP to one Odoo: bounded in time, in bytes and in number, every failure translated, nothing repeated."""

import asyncio
import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import httpx

from connectors.odoo.errors import from_http
from runtime.errors import MaildeskError, OutcomeUnknownError, PermanentError, TransientError

TOO_LARGE: Final = "odoo-answer-too-large"
_PART_BYTES: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds for connecting and for one whole call, and how many calls at once (as many as Odoo has workers).

    A call waits at most `call_seconds` for its turn, unsent, and then takes at most as long again. The first one
    also logs in, which takes Odoo about a second.
    """

    connect_seconds: float = 5.0
    call_seconds: float = 60.0
    concurrency: int = 2
    answer_bytes: int = 64 * 1024 * 1024
    """Of one answer, unpacked; the rest is not read."""


def json_object(response: httpx.Response) -> dict[str, Any]:
    """The JSON object of an answer; empty where it is none."""
    try:
        answer = response.json()
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}


class Channel:
    """What all of Odoo's protocols share. `secret` is taken out of every error."""

    def __init__(self, url: str, secret: str, limits: Limits) -> None:
        self._url = url.rstrip("/")
        self._secret = secret
        self.limits = limits
        self._slots = asyncio.Semaphore(limits.concurrency)
        seconds = httpx.Timeout(limits.call_seconds, connect=limits.connect_seconds)
        # Odoo closes every connection itself; behind a proxy that keeps them open they are used again.
        pool = httpx.Limits(max_connections=limits.concurrency)
        self._http = httpx.AsyncClient(timeout=seconds, limits=pool, follow_redirects=False)

    async def get(self, path: str) -> httpx.Response:
        """Raises as the port says for what happened before there was an answer."""
        return await self._in_turn("GET", path)

    async def post(self, path: str, body: Any, headers: Mapping[str, str] | None = None) -> httpx.Response:
        """The same, with a JSON body."""
        return await self._in_turn("POST", path, json=body, headers=dict(headers or {}))

    def redacted(self, error: MaildeskError) -> MaildeskError:
        """The error without the secret, should Odoo have repeated it."""
        if not self._secret or self._secret not in error.text:
            return error
        return type(error)(error.text.replace(self._secret, "***"), code=error.code)

    async def close(self) -> None:
        """Release the sockets. Never raises."""
        with contextlib.suppress(Exception):
            await self._http.aclose()

    async def _in_turn(self, method: str, path: str, **request: Any) -> httpx.Response:
        try:
            async with asyncio.timeout(self.limits.call_seconds):
                await self._slots.acquire()
        except TimeoutError:
            raise TransientError("no free connection to Odoo in time", code="odoo-busy") from None
        try:
            async with asyncio.timeout(self.limits.call_seconds):
                return await self._answer(self._http.build_request(method, self._url + path, **request))
        except httpx.HTTPError as error:
            raise from_http(error) from None
        except httpx.InvalidURL:
            raise PermanentError("Odoo's URL cannot be read; it looks like http://host:8069", code="odoo-url") from None
        except TimeoutError:
            raise OutcomeUnknownError("Odoo did not answer in time", code="odoo-outcome-unknown") from None
        finally:
            self._slots.release()

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        most = self.limits.answer_bytes
        response = await self._http.send(request, stream=True)
        try:
            body = bytearray()
            async for part in response.aiter_bytes(_PART_BYTES):
                body += part
                if len(body) > most:
                    text = f"Odoo answers with more than {most} bytes, which are not read"
                    raise OutcomeUnknownError(text, code=TOO_LARGE)
        finally:
            await response.aclose()
        unpacked = {name: value for name, value in response.headers.items() if name != "content-encoding"}
        return httpx.Response(response.status_code, headers=unpacked, content=bytes(body), request=request)
