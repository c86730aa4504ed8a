"""The address that Odoo calls: POST /hooks/odoo/<mailbox>?token=… for one mailbox, /hooks/odoo?token=… for all.

The call's body is not read: whoever knows the token can have a mailbox looked at, and nothing else. Whatever is wrong
with a call has the same answer, so that nobody learns which mailboxes there are.
"""

from collections.abc import Callable, Collection
from hashlib import sha256
from hmac import compare_digest
from typing import Final

from aiohttp import web

from runtime.errors import InvalidInputError
from services.ingest.metrics import HOOK_CALLS

SECRET: Final = "ODOO_HOOK_TOKEN"  # noqa: S105 - the name of a secret
SHORTEST: Final = 16
"""Characters of a token."""
_PATH: Final = ["hooks", "odoo"]


class Hook:
    """`mailboxes`: the ids of those that lie in Odoo, asked at each call; `call`: have these looked at."""

    def __init__(
        self, token: str, mailboxes: Callable[[], Collection[str]], call: Callable[[Collection[str]], None]
    ) -> None:
        if len(token) < SHORTEST:
            raise InvalidInputError(
                f"the secret {SECRET} is too short: it needs at least {SHORTEST} characters (openssl rand -hex 24)"
            )
        self._token = _digest(token)
        self._mailboxes = mailboxes
        self._call = call

    async def answer(self, request: web.Request) -> web.Response:
        """202, or 404."""
        called = self._called(request)
        HOOK_CALLS.labels("taken" if called else "refused").inc()
        if called:
            self._call(called)
        response = web.Response(status=202 if called else 404, text="")
        response.force_close()  # what is left of the body is not waited for
        return response

    def _called(self, request: web.Request) -> list[str]:
        scheme, _, bearer = request.headers.get("Authorization", "").partition(" ")
        given = bearer.strip() if scheme.lower() == "bearer" else request.query.get("token", "")
        allowed = compare_digest(_digest(given), self._token)
        parts = request.path.strip("/").split("/")
        if not allowed or request.method != "POST" or parts[:2] != _PATH or len(parts) > len(_PATH) + 1:
            return []
        there = sorted(self._mailboxes())
        return there if len(parts) == len(_PATH) else [mailbox for mailbox in there if mailbox == parts[2]]


async def serve(hook: Hook, host: str, port: int) -> tuple[web.AppRunner, int]:
    """Listen until the runner is cleaned up; returns it with the port that was taken."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", hook.answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1, lingering_time=1, keepalive_timeout=5)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError as error:
        await runner.cleanup()
        text = f"the hook cannot listen on {host}:{port}: {error.strerror}; change MAILDESK_INGEST_HOOK_PORT"
        raise InvalidInputError(text) from error
    return runner, int(runner.addresses[0][1])


def _digest(token: str) -> bytes:
    """Of one length, so that comparing tells nothing."""
    return sha256(token.encode("utf-8", "surrogatepass")).digest()
