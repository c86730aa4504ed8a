"""One form sent to an OAuth end point, and its JSON answer (RFC 6749 §5). Blocking; texts hold no secrets."""

import asyncio
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

import httpx

from runtime.errors import TargetDownError

MAX_ANSWER: Final = 64 * 1024
"""Bytes; tokens have a few thousand."""
LATER: Final = ("temporarily_unavailable", "server_error")
"""RFC 6749 §4.1.2.1; Microsoft sends them for tokens too."""
_HEADERS: Final = {"Accept": "application/json", "Accept-Encoding": "identity"}
_CODE: Final = re.compile(r"[a-z][a-z_]{0,60}")
_NUMBER: Final = re.compile(r"\bAADSTS\d{3,8}\b")


@dataclass(frozen=True, slots=True)
class OAuthTimeouts:
    """Seconds: for the next bytes, and for a whole answer."""

    step: float = 10.0
    whole: float = 25.0


@dataclass(frozen=True, slots=True)
class Refused:
    """The end point's error code (RFC 6749 §5.2, RFC 8628 §3.5), and Microsoft's number for the reason."""

    code: str
    number: str = ""

    def __str__(self) -> str:
        return f"{self.code} ({self.number})" if self.number else self.code


def post_form(url: str, form: Mapping[str, str], timeouts: OAuthTimeouts) -> dict[str, Any] | Refused:
    """The answer of a 200, or the error that it names. Raises TargetDownError for everything else.

    For a thread without an event loop: one of its own bounds the whole time, also of headers that drip.
    """
    place = f"the token server {urlsplit(url).hostname}"
    try:
        status, raw = asyncio.run(_posted(url, form, timeouts))
    except (TimeoutError, _TooLongError):
        raise TargetDownError(f"{place} answers without end", code="oauth-down") from None
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        text = f"{place} cannot be reached: {type(error).__name__}"
        raise TargetDownError(text, code="oauth-down") from error
    answer = _object(raw)
    if status == 200 and answer:
        return answer
    code = answer.get("error")
    if code in LATER:
        raise TargetDownError(f"{place} is not available now: {code}", code="oauth-down")
    if 400 <= status < 500 and status != 429 and isinstance(code, str) and _CODE.fullmatch(code):
        number = _NUMBER.search(str(answer.get("error_description", "")))
        return Refused(code, number.group() if number else "")
    raise TargetDownError(f"{place} answers {status}, which is no token and no error of OAuth", code="oauth-down")


class _TooLongError(Exception):
    """The answer has more bytes than are read."""


async def _posted(url: str, form: Mapping[str, str], timeouts: OAuthTimeouts) -> tuple[int, bytes]:
    async with (
        asyncio.timeout(timeouts.whole),
        httpx.AsyncClient(timeout=timeouts.step, follow_redirects=False) as client,
        client.stream("POST", url, data=dict(form), headers=_HEADERS) as response,
    ):
        raw = b""
        async for part in response.aiter_raw():
            raw += part
            if len(raw) > MAX_ANSWER:
                raise _TooLongError
        return response.status_code, raw


def seconds_of(answer: Mapping[str, Any], name: str, usual: float) -> float:
    """A span of time that the end point names; `usual` where it names none that there can be."""
    found = answer.get(name)
    try:
        return float(found) if isinstance(found, int | float) and found > 0 else usual
    except OverflowError:
        return usual


def _object(raw: bytes) -> dict[str, Any]:
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
