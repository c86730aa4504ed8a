"""One answer of Odoo is bounded in bytes, packed or not."""

import gzip
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from connectors.odoo.channel import TOO_LARGE, Channel, Limits, json_object
from runtime.errors import OutcomeUnknownError

LARGE = b'{"result": "' + b"x" * 200_000 + b'"}'


async def answer(request: web.Request) -> web.Response:
    if request.path == "/packed":
        return web.Response(body=gzip.compress(LARGE), headers={"Content-Encoding": "gzip"})
    return web.Response(body=LARGE)


@pytest.fixture
async def server() -> AsyncIterator[TestServer]:
    app = web.Application()
    app.router.add_get("/{name}", answer)
    running = TestServer(app)
    async with running:
        yield running


@pytest.mark.parametrize("path", ["/plain", "/packed"])
async def test_an_answer_with_too_many_bytes_is_refused_and_one_that_fits_is_whole(
    server: TestServer, path: str
) -> None:
    for most in (len(LARGE) - 1, len(LARGE)):
        channel = Channel(str(server.make_url("/")), "", Limits(call_seconds=10, answer_bytes=most))
        try:
            if most < len(LARGE):
                with pytest.raises(OutcomeUnknownError, match="more than 200013 bytes") as caught:
                    await channel.get(path)
                assert caught.value.code == TOO_LARGE
            else:
                assert json_object(await channel.get(path)) == {"result": "x" * 200_000}
        finally:
            await channel.close()
