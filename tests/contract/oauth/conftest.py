"""A token server, and secrets in a folder."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from connectors.oauth.http import OAuthTimeouts
from connectors.oauth.tokens import Tokens, TokenSource
from runtime.clock import FakeClock
from runtime.secrets import SecretFolder
from schemas.oauth import OAuth
from tests.servers.tokens import TokenServer, running_token_server

QUICK = OAuthTimeouts(step=0.5, whole=1.0)


@pytest.fixture
def server() -> Iterator[TokenServer]:
    """Everything of OAuth."""
    with running_token_server() as running:
        yield running


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the secrets are; the grant's refresh token is there."""
    (tmp_path / "GRANT").write_text("refresh-0\n")
    (tmp_path / "APP").write_text("secret-of-the-app\n")
    return tmp_path


def oauth_of(server: TokenServer, **changes: Any) -> OAuth:
    """A custom provider on the server."""
    ends = {"token_url": f"{server.url}/token", "device_url": f"{server.url}/device"}
    given = {
        "provider": "custom",
        "client_id": "app",
        "client_secret": "APP",
        "refresh_token": "GRANT",
        "scope": "mail",
    }
    return OAuth.model_validate({**ends, **given, **changes})


@pytest.fixture
def clock() -> FakeClock:
    """Stands still unless it is moved."""
    return FakeClock()


@pytest.fixture
def source(server: TokenServer, folder: Path, clock: FakeClock) -> TokenSource:
    """The tokens of the mailbox `sales`."""
    return Tokens(SecretFolder(folder), clock, QUICK).source("sales", oauth_of(server))
