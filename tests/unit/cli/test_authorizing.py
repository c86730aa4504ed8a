from pathlib import Path

import pytest

from cli.authorizing import authorize
from runtime.clock import FakeClock
from runtime.errors import InvalidInputError
from runtime.secrets import SecretFolder
from schemas.oauth import OAuth


async def test_nobody_is_asked_to_consent_while_the_applications_secret_is_missing(tmp_path: Path) -> None:
    given = {"provider": "google", "client_id": "app", "client_secret": "APP_OF_TEST", "refresh_token": "GRANT"}
    told: list[str] = []
    with pytest.raises(InvalidInputError, match="APP_OF_TEST"):
        await authorize("anna", OAuth.model_validate(given), SecretFolder(tmp_path), FakeClock(), told.append)
    assert told == []
