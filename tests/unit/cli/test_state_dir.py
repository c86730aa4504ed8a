"""The state folder: one platform at a time, and the note about it."""

from pathlib import Path

import pytest

from cli.state_dir import Running, StateDir
from runtime.errors import InvalidInputError

NOTE = Running(pid=1, kafka="127.0.0.1:9092", postgres="postgresql://h/x", services={"audit": 8080})


def test_where_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MAILDESK_STATE_DIR", raising=False)
    assert StateDir().path == tmp_path / ".maildesk"
    monkeypatch.setenv("MAILDESK_STATE_DIR", "elsewhere")
    assert StateDir().path == tmp_path / "elsewhere"


def test_a_second_platform_is_refused_until_the_first_ends(tmp_path: Path) -> None:
    state = StateDir(tmp_path / "state")
    with (
        state.exclusive(),
        pytest.raises(InvalidInputError, match="another maildesk up runs"),
        StateDir(state.path).exclusive(),
    ):
        pytest.fail("two platforms on one state")
    with StateDir(state.path).exclusive():
        pass


def test_the_note_is_there_while_the_platform_runs_and_private(tmp_path: Path) -> None:
    state = StateDir(tmp_path)
    assert state.running() is None
    with state.exclusive():
        assert state.running() is None, "nothing is announced yet"
        state.announce(NOTE)
        assert StateDir(tmp_path).running() == NOTE
        assert (tmp_path / "up.json").stat().st_mode & 0o077 == 0, "a DSN may hold a password"
    assert state.running() is None


def test_the_note_of_a_killed_platform_is_not_believed(tmp_path: Path) -> None:
    state = StateDir(tmp_path)
    state.announce(NOTE)
    assert state.running() is None


def test_it_remembers_the_broker(tmp_path: Path) -> None:
    assert StateDir(tmp_path).broker == ""
    StateDir(tmp_path).broker = "kafka:9092"
    assert StateDir(tmp_path).broker == "kafka:9092"
