"""Access tokens from a token server that rotates, refuses, fails and hangs."""

import logging
import threading
import time
from pathlib import Path

import pytest
from prometheus_client import REGISTRY

from connectors.oauth.tokens import Tokens, TokenSource
from runtime.clock import FakeClock
from runtime.errors import TargetDownError
from runtime.secrets import SecretFolder
from tests.contract.oauth.conftest import QUICK, oauth_of
from tests.servers.tokens import TokenServer, Trouble

SECRETS = ("refresh-", "secret-of-the-app", "secret-part-of-an-answer", "access-")


def silent(text: str) -> bool:
    """Whether no secret is in it."""
    return not any(secret in text for secret in SECRETS)


def test_a_token_is_kept_until_a_little_before_it_ends(
    server: TokenServer, source: TokenSource, clock: FakeClock
) -> None:
    first = source.token()
    clock.advance(3600 - 121)
    assert source.token() == first
    assert len(server.forms) == 1
    clock.advance(1)
    assert source.token() != first
    assert server.forms[0] == {
        "grant_type": "refresh_token",
        "refresh_token": "refresh-0",
        "client_id": "app",
        "client_secret": "secret-of-the-app",
    }


@pytest.mark.parametrize(("lasts", "held"), [(100, 49), (None, 3479), ("x", 3479), (-5, 3479), (10**400, 3479)])
def test_a_short_or_unsaid_life_is_used_too(
    server: TokenServer, source: TokenSource, clock: FakeClock, lasts: object, held: int
) -> None:
    server.expires_in = lasts
    first = source.token()
    clock.advance(held)
    assert source.token() == first
    clock.advance(2)
    assert source.token() != first


def test_a_refused_token_is_replaced_once(server: TokenServer, source: TokenSource) -> None:
    first = source.token()
    source.refused(first)
    second = source.token()
    source.refused(first)  # somebody else who had the old one
    assert source.token() == second != first
    assert len(server.forms) == 2


def test_many_threads_make_one_refresh(server: TokenServer, source: TokenSource) -> None:
    found: list[str] = []
    threads = [threading.Thread(target=lambda: found.append(source.token())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert len(found) == 8
    assert len(set(found)) == len(server.forms) == 1


def test_a_new_refresh_token_is_kept_for_this_user_only(
    server: TokenServer, source: TokenSource, folder: Path, clock: FakeClock
) -> None:
    server.rotates = True
    for _ in range(3):
        source.token()
        clock.advance(4000)
    kept = folder / "GRANT"
    assert kept.read_text() == f"{server.refresh_token}\n"
    assert kept.stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in folder.iterdir()) == ["APP", "GRANT"]


def test_one_that_cannot_be_kept_is_used_and_warned_of_once(
    server: TokenServer,
    folder: Path,
    clock: FakeClock,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setenv("MAILDESK_SECRET_GRANT", "refresh-0")
    source = Tokens(SecretFolder(folder), clock, QUICK).source("sales", oauth_of(server))
    server.rotates = True
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            source.token()
            clock.advance(4000)
    assert [record.message.partition(":")[0] for record in caplog.records] == ["a new refresh token cannot be kept"]
    assert silent(" ".join(str(vars(record)) for record in caplog.records).replace("refresh-token", ""))
    monkeypatch.setenv("MAILDESK_SECRET_GRANT", server.refresh_token)
    source.refused(source.token())
    assert source.token()


def test_another_process_may_have_been_given_the_newer_one(
    server: TokenServer, source: TokenSource, folder: Path
) -> None:
    asked = server.answer

    def rotated_meanwhile(path: str, form: dict[str, str]) -> tuple[int, dict[str, object]]:
        if form["refresh_token"] == "refresh-0":
            server.refresh_token = "refresh-9"
            (folder / "GRANT").write_text("refresh-9")
        return asked(path, form)

    server.answer = rotated_meanwhile  # type: ignore[method-assign]
    assert source.token() in server.access


def test_an_ended_grant_names_the_remedy_and_a_new_one_is_used(
    server: TokenServer, source: TokenSource, folder: Path
) -> None:
    (folder / "GRANT").write_text("refresh-old")
    with pytest.raises(TargetDownError, match="maildesk mailboxes authorize sales") as ended:
        source.token()
    assert ended.value.code == "oauth-expired"
    assert silent(ended.value.text)
    (folder / "GRANT").write_text(server.refresh_token)
    assert source.token() in server.access


def test_a_missing_refresh_token_names_the_remedy(source: TokenSource, folder: Path) -> None:
    (folder / "GRANT").unlink()
    with pytest.raises(TargetDownError, match="maildesk mailboxes authorize sales") as missing:
        source.token()
    assert missing.value.code == "oauth-expired"


def test_a_refused_application_says_microsofts_number_and_nothing_else(
    server: TokenServer, source: TokenSource
) -> None:
    server.script = ["invalid_client"]
    with pytest.raises(TargetDownError, match=r"invalid_client \(AADSTS70008\); check client_id") as refused:
        source.token()
    assert refused.value.code == "oauth-client"
    assert silent(refused.value.text)
    assert source.token() in server.access


def test_a_token_server_that_says_later_is_down(server: TokenServer, source: TokenSource) -> None:
    server.script = ["temporarily_unavailable"]
    with pytest.raises(TargetDownError, match="not available now") as down:
        source.token()
    assert down.value.code == "oauth-down"
    assert source.token() in server.access


@pytest.mark.parametrize("trouble", ["error 500", "hang", "garbage", "endless", "no token", "hang up"])
def test_a_sick_token_server_is_a_target_that_is_down(
    server: TokenServer, source: TokenSource, trouble: Trouble
) -> None:
    server.trouble = trouble
    began = time.monotonic()
    with pytest.raises(TargetDownError) as down:
        source.token()
    assert time.monotonic() - began < 2.5
    assert down.value.code == "oauth-down"
    assert silent(down.value.text)
    server.trouble = None
    assert source.token() in server.access


def test_nobody_there_is_a_target_that_is_down(folder: Path, server: TokenServer, clock: FakeClock) -> None:
    oauth = oauth_of(server, token_url="http://127.0.0.1:1/token")
    with pytest.raises(TargetDownError, match=r"127\.0\.0\.1 cannot be reached"):
        Tokens(SecretFolder(folder), clock, QUICK).source("sales", oauth).token()


def measured(name: str, **labels: str) -> float:
    """What the metrics say of the mailbox `sales`."""
    return REGISTRY.get_sample_value(f"maildesk_connectors_oauth_{name}", {"mailbox": "sales", **labels}) or 0.0


def test_renewals_and_their_ends_are_measured(server: TokenServer, source: TokenSource, clock: FakeClock) -> None:
    done, refused = measured("renewals_total", outcome="ok"), measured("renewals_total", outcome="oauth-expired")
    source.token()
    assert measured("granted") == 1
    assert measured("renewals_total", outcome="ok") == done + 1
    assert measured("token_expiry_timestamp_seconds") == clock.now().timestamp() + 3600
    server.script = ["invalid_grant"]
    clock.advance(3600)
    with pytest.raises(TargetDownError):
        source.token()
    assert measured("granted") == 0
    assert measured("renewals_total", outcome="oauth-expired") == refused + 1


def test_a_server_that_is_away_says_nothing_of_the_grant(
    server: TokenServer, source: TokenSource, clock: FakeClock
) -> None:
    source.token()
    server.trouble = "error 500"
    clock.advance(3600)
    with pytest.raises(TargetDownError):
        source.token()
    assert measured("granted") == 1
