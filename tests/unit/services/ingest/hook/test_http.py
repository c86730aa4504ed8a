"""Who may call, and what a stranger learns: nothing."""

import asyncio
import socket
from collections.abc import AsyncIterator, Collection

import pytest
from aiohttp import ClientSession, ClientTimeout

from runtime.errors import InvalidInputError
from services.ingest.hook.http import Hook, serve

TOKEN = "0123456789abcdef-right"


class Served:
    """The hook on a free port, and what it called."""

    def __init__(self) -> None:
        self.called: list[list[str]] = []
        self.port = 0

    def call(self, mailboxes: Collection[str]) -> None:
        self.called.append(list(mailboxes))

    async def ask(self, path: str, *, method: str = "POST", token: str | None = None, body: bytes = b"{}") -> int:
        headers = {"Authorization": f"Bearer {token}"} if token is not None else {}
        async with (
            ClientSession(timeout=ClientTimeout(total=10)) as session,
            session.request(method, f"http://127.0.0.1:{self.port}{path}", data=body, headers=headers) as answer,
        ):
            assert await answer.text() == ""
            return answer.status


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    made = Served()
    runner, made.port = await serve(Hook(TOKEN, lambda: {"leads", "sales"}, made.call), "127.0.0.1", 0)
    yield made
    await runner.cleanup()


async def test_a_call_with_the_token_is_taken(served: Served) -> None:
    assert await served.ask(f"/hooks/odoo/leads?token={TOKEN}") == 202
    assert await served.ask("/hooks/odoo/sales", token=TOKEN) == 202
    assert await served.ask(f"/hooks/odoo?token={TOKEN}") == 202
    assert served.called == [["leads"], ["sales"], ["leads", "sales"]]


@pytest.mark.parametrize(
    ("path", "method"),
    [
        ("/hooks/odoo/leads", "POST"),
        ("/hooks/odoo/leads?token=", "POST"),
        ("/hooks/odoo/leads?token=0123456789abcdef-wrong", "POST"),
        ("/hooks/odoo/leads?token=%F0%9F%92%A3", "POST"),
        (f"/hooks/odoo/unknown?token={TOKEN}", "POST"),
        (f"/hooks/odoo/leads/more?token={TOKEN}", "POST"),
        (f"/hooks/odoo/?token={TOKEN}", "GET"),
        (f"/hooks/odoo/leads?token={TOKEN}", "GET"),
        (f"/metrics?token={TOKEN}", "POST"),
        ("/", "POST"),
    ],
)
async def test_whatever_is_wrong_has_one_answer(served: Served, path: str, method: str) -> None:
    assert await served.ask(path, method=method) == 404
    assert served.called == []


async def test_a_body_is_neither_needed_nor_waited_for(served: Served) -> None:
    assert await served.ask(f"/hooks/odoo/leads?token={TOKEN}", body=b"") == 202
    reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
    writer.write(
        f"POST /hooks/odoo/leads?token={TOKEN} HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n".encode()
    )
    async with asyncio.timeout(5):
        assert (await reader.readline()).startswith(b"HTTP/1.1 202")
        while await reader.readline():
            pass
    writer.close()
    assert served.called == [["leads"], ["leads"]]


def test_a_short_token_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="ODOO_HOOK_TOKEN is too short"):
        Hook("short", lambda: (), lambda _: None)


async def test_a_port_that_is_taken_says_what_to_change() -> None:
    hook = Hook(TOKEN, lambda: (), lambda _: None)
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        pytest.raises(InvalidInputError, match="MAILDESK_INGEST_HOOK_PORT"),
    ):
        await serve(hook, "127.0.0.1", taken.getsockname()[1])
