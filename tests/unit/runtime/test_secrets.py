from pathlib import Path

import pytest

from runtime.errors import InvalidInputError
from runtime.secrets import SecretFolder


def test_what_is_kept_is_read_and_nobody_else_may(tmp_path: Path) -> None:
    folder = tmp_path / "new"
    secrets = SecretFolder(folder)
    for value in ("one", "two"):
        secrets.keep("TOKEN", value)
        assert secrets("TOKEN") == value
    assert (folder / "TOKEN").stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700
    assert [path.name for path in folder.iterdir()] == ["TOKEN"]


def test_a_variable_cannot_be_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAILDESK_SECRET_TOKEN", "value-of-it")
    secrets = SecretFolder(tmp_path)
    with pytest.raises(InvalidInputError, match="unset that") as refused:
        secrets.keep("TOKEN", "new-one")
    assert refused.value.code == "secret-fixed"
    assert "value-of-it" not in refused.value.text
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_none_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InvalidInputError, match="MAILDESK_SECRETS_DIR") as refused:
        SecretFolder(tmp_path / "file").keep("TOKEN", "new-one")
    assert refused.value.code == "secret-unwritable"
    assert "new-one" not in refused.value.text


def test_the_old_one_stays_when_the_new_one_cannot_be_put_in_place(tmp_path: Path) -> None:
    (tmp_path / "TOKEN").mkdir()
    with pytest.raises(InvalidInputError):
        SecretFolder(tmp_path).keep("TOKEN", "new-one")
    assert [path.name for path in tmp_path.iterdir()] == ["TOKEN"]
