"""Children are restarted when they die, given up when they die again and again, and stopped at the end."""

import asyncio
import sys
import time
from collections.abc import Callable
from pathlib import Path
from random import Random

import psutil
import pytest

from cli.supervisor import DEATHS_ALLOWED, Child, Supervisor
from runtime.backoff import Backoff
from runtime.clock import FakeClock, SystemClock
from runtime.errors import PermanentError

STEADY = ("-c", "import time; print('here', flush=True); time.sleep(600)")
DYING = ("-c", "print('here', flush=True)")
DEAF = (
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('here', flush=True); time.sleep(600)",
)


def child(folder: Path, command: tuple[str, ...], name: str = "child") -> Child:
    return Child(name, command, {"PYTHONDONTWRITEBYTECODE": "1"}, folder / "logs" / f"{name}.log")


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not holds():  # noqa: ASYNC110 - another process has no event to wait for
            await asyncio.sleep(0.02)


def starts(one: Child) -> int:
    return one.log.read_text().count("here") if one.log.exists() else 0


async def test_a_child_that_is_killed_comes_back(tmp_path: Path) -> None:
    supervisor = Supervisor(SystemClock(), Backoff(first=0.01, longest=0.02))
    one = child(tmp_path, STEADY)
    supervisor.add(one)
    watching = asyncio.create_task(supervisor.watch())
    try:
        first = one.pid
        await until(lambda: starts(one) == 1)
        psutil.Process(first).kill()
        await until(lambda: starts(one) == 2)
        assert one.restarts == 1
        assert one.pid != first
    finally:
        watching.cancel()
        await supervisor.stop()
    assert not psutil.pid_exists(one.pid)


async def test_one_that_keeps_dying_is_given_up_by_name(tmp_path: Path) -> None:
    clock = FakeClock()
    supervisor = Supervisor(clock, Backoff(first=0.2, longest=5.0, random=Random(1)))
    one = child(tmp_path, DYING, "evaluator")
    supervisor.add(one)
    watching = asyncio.create_task(supervisor.watch())

    def moved() -> bool:
        """No time passes while a child lives: how long one takes to start says nothing here."""
        if one.process is not None and one.process.poll() is not None:
            clock.advance(0.5)
        return watching.done()

    await until(moved)
    with pytest.raises(PermanentError, match=r"evaluator died 9 times within a minute; its log is .*evaluator\.log"):
        await watching
    assert one.restarts == DEATHS_ALLOWED


async def test_deaths_long_ago_do_not_count(tmp_path: Path) -> None:
    clock = FakeClock()
    supervisor = Supervisor(clock, Backoff(first=0.2, longest=5.0, random=Random(1)))
    one = child(tmp_path, DYING)
    supervisor.add(one)
    watching = asyncio.create_task(supervisor.watch())

    def moved() -> bool:
        clock.advance(10.0)
        return one.restarts > DEATHS_ALLOWED + 3

    await until(moved)
    assert not watching.done()
    watching.cancel()
    await supervisor.stop()


async def test_stop_insists(tmp_path: Path) -> None:
    supervisor = Supervisor(SystemClock(), Backoff())
    one = child(tmp_path, DEAF)
    supervisor.add(one)
    await until(lambda: starts(one) == 1)
    began = time.monotonic()
    await supervisor.stop(seconds=0.3)
    assert time.monotonic() - began < 10
    assert not psutil.pid_exists(one.pid)


async def test_a_child_gets_the_settings_it_is_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAILDESK_FROM_OUTSIDE", "kept")
    command = ("-c", "import os; print(os.environ['MAILDESK_OWN'], os.environ['MAILDESK_FROM_OUTSIDE'], flush=True)")
    one = Child("child", command, {"MAILDESK_OWN": "given"}, tmp_path / "child.log")
    assert one.pid == 0
    one.start()
    assert one.process is not None
    await asyncio.to_thread(one.process.wait, 20)
    assert one.log.read_text() == "given kept\n"


def test_children_die_with_the_one_who_started_them(tmp_path: Path) -> None:
    if sys.platform != "linux":
        pytest.skip("Linux only")
    script = (
        "import sys, time; from pathlib import Path; from cli.supervisor import Child;"
        f"c = Child('c', {STEADY!r}, {{}}, Path(sys.argv[1])); c.start(); print(c.pid, flush=True); time.sleep(600)"
    )
    log = tmp_path / "c.log"
    with psutil.Popen([sys.executable, "-c", script, str(log)], stdout=-1, text=True) as parent:
        pid = int(parent.stdout.readline())
        grandchild = psutil.Process(pid)
        parent.kill()
    gone, alive = psutil.wait_procs([grandchild], 10)
    assert not alive or alive[0].status() == psutil.STATUS_ZOMBIE, gone
