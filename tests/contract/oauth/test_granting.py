"""The device flow, and the flow for browsers, from the question to the kept refresh token."""

import asyncio
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from cli.authorizing import authorize
from connectors.oauth import browser
from connectors.oauth.granting import Client
from runtime.clock import FakeClock
from runtime.errors import InvalidInputError, TargetDownError
from runtime.secrets import SecretFolder
from tests.contract.oauth.conftest import QUICK, oauth_of
from tests.contract.oauth.test_tokens import silent
from tests.servers.tokens import TokenServer

EXPIRES = 60


class Hurried(FakeClock):
    """Does not wait, and notes how long it should have."""

    def __init__(self) -> None:
        super().__init__()
        self.waited: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.waited.append(seconds)
        self.advance(seconds)


async def granted(server: TokenServer, folder: Path, clock: Hurried) -> list[str]:
    """What a person is told."""
    told: list[str] = []
    await authorize("anna", oauth_of(server), SecretFolder(folder), clock, told.append, QUICK)
    return told


async def test_a_device_code_is_shown_and_asked_about_until_it_is_used(server: TokenServer, tmp_path: Path) -> None:
    clock, server.interval, server.expires_in = Hurried(), 2, EXPIRES
    (tmp_path / "APP").write_text("secret-of-the-app")
    server.script = ["authorization_pending", "slow_down", "authorization_pending"]
    told = await granted(server, tmp_path, clock)
    assert told == [f"Open {server.url}/enter as anna, and enter the code ABCD-EFGH"]
    assert clock.waited == [2, 2, 7, 7]
    assert (tmp_path / "GRANT").read_text().strip() == server.refresh_token
    assert (tmp_path / "GRANT").stat().st_mode & 0o777 == 0o600
    assert server.forms[-1]["device_code"] == "device-secret"
    assert server.forms[-1]["grant_type"] == "urn:ietf:params:oauth:grant-type:device_code"


@pytest.mark.parametrize(
    ("script", "said"),
    [
        (["authorization_pending"] * 99, "expired"),
        (["expired_token"], "expired"),
        (["access_denied"], "denied"),
        (["invalid_scope"], "scope"),
        (["invalid_grant"], "refuses"),
    ],
)
async def test_without_consent_nothing_is_kept(server: TokenServer, folder: Path, script: list[str], said: str) -> None:
    server.script, server.expires_in = script, EXPIRES
    with pytest.raises(InvalidInputError, match=said) as refused:
        await granted(server, folder, Hurried())
    assert silent(refused.value.text)
    assert (folder / "GRANT").read_text() == "refresh-0\n"


async def test_a_server_that_is_away_for_a_moment_is_asked_again(server: TokenServer, folder: Path) -> None:
    clock, server.expires_in = Hurried(), EXPIRES
    passed = clock.sleep

    async def away_at_first(seconds: float) -> None:
        server.trouble = "error 500" if len(clock.waited) < 2 else None
        await passed(seconds)

    clock.sleep = away_at_first  # type: ignore[method-assign]
    await granted(server, folder, clock)
    assert clock.waited == [1, 2, 4]


async def test_a_server_that_is_down_is_said(server: TokenServer, folder: Path) -> None:
    server.trouble = "error 500"
    with pytest.raises(TargetDownError):
        await granted(server, folder, Hurried())


async def test_nobody_is_asked_where_the_answer_could_not_be_kept(
    server: TokenServer, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAILDESK_SECRET_GRANT", "x")
    with pytest.raises(InvalidInputError, match="MAILDESK_SECRET_GRANT"):
        await granted(server, folder, Hurried())
    assert server.forms == []


def in_browser(server: TokenServer, folder: Path) -> Client:
    oauth = oauth_of(server, device_url=None, login_url=f"{server.url}/login")
    return Client(oauth, SecretFolder(folder), QUICK)


async def consent(server: TokenServer, url: str, **answer: str) -> int:
    """What the provider makes a browser do afterwards."""
    asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    assert (asked["client_id"], asked["scope"], asked["code_challenge_method"]) == ("app", "mail", "S256")
    server.challenge = asked["code_challenge"]
    async with httpx.AsyncClient() as client:
        query = {"state": asked["state"], **answer}
        return (await client.get(asked["redirect_uri"], params=query)).status_code


async def test_a_browsers_consent_is_exchanged_with_its_proof(server: TokenServer, folder: Path) -> None:
    opened: asyncio.Queue[str] = asyncio.Queue()
    task = asyncio.create_task(browser.authorize(in_browser(server, folder), "anna", opened.put_nowait, 10))
    url = await opened.get()
    assert await consent(server, url, state="forged", code="stolen") == 404
    assert await consent(server, url, code="code-1") == 200
    assert await task == server.refresh_token
    assert server.forms[-1]["code"] == "code-1"


async def test_a_browsers_refusal_is_said(server: TokenServer, folder: Path) -> None:
    opened: asyncio.Queue[str] = asyncio.Queue()
    task = asyncio.create_task(browser.authorize(in_browser(server, folder), "anna", opened.put_nowait, 10))
    await consent(server, await opened.get(), error="access_denied")
    with pytest.raises(InvalidInputError, match="denied"):
        await task


async def test_a_browser_that_never_comes_is_not_waited_for_for_ever(server: TokenServer, folder: Path) -> None:
    with pytest.raises(InvalidInputError, match="expired"):
        await browser.authorize(in_browser(server, folder), "anna", lambda _: None, 0.05)
