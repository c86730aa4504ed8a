"""Settings come from the environment; secrets come by name and never show."""

import os
from pathlib import Path

import pytest
from pydantic import ValidationError

from runtime.errors import InvalidInputError
from runtime.settings import ServiceSettings, configured_dsn, read_secret


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("MAILDESK_")]:
        monkeypatch.delenv(name)


def test_variables_carry_the_prefix(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAILDESK_HTTP_PORT", "8080")
    monkeypatch.setenv("HTTP_PORT", "1")
    monkeypatch.setenv("MAILDESK_SETTING_OF_ANOTHER_SERVICE", "x")
    assert ServiceSettings().http_port == 8080


@pytest.mark.parametrize(
    ("name", "value"), [("HTTP_PORT", "70000"), ("HTTP_PORT", "x"), ("LOG_LEVEL", "LOUD"), ("TRACE_RATIO", "2")]
)
def test_bad_values_are_refused_by_name(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(f"MAILDESK_{name}", value)
    with pytest.raises(ValidationError, match=name.lower()):
        ServiceSettings()


def test_a_password_in_the_dsn_never_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAILDESK_POSTGRES_DSN", "postgresql://u:hunter2@db.example/x")
    settings = ServiceSettings()
    assert "hunter2" not in f"{settings!r} {settings} {settings.model_dump()} {settings.model_dump_json()}"
    assert settings.postgres_dsn.get_secret_value().endswith("hunter2@db.example/x")


def test_the_dsn_may_be_a_secret_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MAILDESK_SECRETS_DIR", str(tmp_path))
    default = ServiceSettings().postgres_dsn.get_secret_value()
    assert configured_dsn() is None
    (tmp_path / "POSTGRES_DSN").write_text("postgresql://u:hunter2@db.example/x\n")
    assert ServiceSettings().postgres_dsn.get_secret_value() == "postgresql://u:hunter2@db.example/x"
    assert configured_dsn() == "postgresql://u:hunter2@db.example/x"
    monkeypatch.setenv("MAILDESK_POSTGRES_DSN", "postgresql://set.example/x")
    assert ServiceSettings().postgres_dsn.get_secret_value() == "postgresql://set.example/x"
    assert default == "postgresql://127.0.0.1:5432/maildesk"


def test_settings_do_not_change() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        ServiceSettings().http_port = 1  # type: ignore[misc]


def test_every_setting_says_what_it_means() -> None:
    assert [name for name, field in ServiceSettings.model_fields.items() if not field.description] == []


def test_a_secret_comes_from_the_environment_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "SALES_IMAP").write_text("from the file\n")
    assert read_secret("SALES_IMAP", tmp_path) == "from the file"
    monkeypatch.setenv("MAILDESK_SECRET_SALES_IMAP", "from the environment")
    assert read_secret("SALES_IMAP", tmp_path) == "from the environment"


def test_only_the_last_line_end_is_taken_off(tmp_path: Path) -> None:
    (tmp_path / "ODD").write_text(" pass word \n")
    assert read_secret("ODD", tmp_path) == " pass word "


def test_a_missing_secret_names_both_places(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError) as caught:
        read_secret("SALES_IMAP", tmp_path)
    assert caught.value.code == "secret-missing"
    assert "MAILDESK_SECRET_SALES_IMAP" in caught.value.text
    assert str(tmp_path / "SALES_IMAP") in caught.value.text
