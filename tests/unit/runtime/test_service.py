"""How a process waits for what it needs, stops when asked, and says why it failed."""

import asyncio
import json
import logging
import signal
import socket
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from random import Random

import pytest

from runtime.backoff import Backoff
from runtime.errors import InvalidInputError, TargetDownError
from runtime.service import STUCK, Process, conclude

WAITING = "runtime.service"


class Probe:
    """Fails with these errors, one a try, then answers."""

    def __init__(self, *failures: Exception) -> None:
        self._failures = list(failures)
        self.seen: list[bool] = []
        self.before: Callable[[], None] = lambda: None

    async def __call__(self) -> str:
        self.before()
        if self._failures:
            raise self._failures.pop(0)
        return "connected"


@pytest.fixture
def process() -> Process:
    return Process("test", backoff=Backoff(first=0.001, longest=0.002, random=Random(1)))


def waits(log: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    """The lines about waiting."""
    return [record for record in log.records if record.name == WAITING]


async def test_one_line_a_try_and_readyz_names_the_component(
    process: Process, caplog: pytest.LogCaptureFixture
) -> None:
    down = TargetDownError("Kafka at kafka.example:9092 does not answer", code="kafka-down")
    probe = Probe(down, down, down)
    reports: list[object] = []
    probe.before = lambda: reports.append(process.health.report()["components"].get("kafka"))

    assert await process.wait_until("kafka", probe) == "connected"

    lines = waits(caplog)
    assert [record.getMessage() for record in lines] == ["waiting for kafka"] * 3
    assert [record.__dict__["try"] for record in lines] == [1, 2, 3]
    assert {record.__dict__["code"] for record in lines} == {"kafka-down"}
    assert reports == [None, *[{"ready": False, "detail": down.text}] * 3]
    assert process.health.report()["components"]["kafka"] == {"ready": True, "detail": ""}


async def test_nothing_is_said_when_it_answers_at_once(process: Process, caplog: pytest.LogCaptureFixture) -> None:
    await process.wait_until("kafka", Probe())
    assert not waits(caplog)
    assert process.health.ready


async def test_what_no_try_can_mend_is_not_tried_again(process: Process) -> None:
    with pytest.raises(InvalidInputError):
        await process.wait_until("postgres", Probe(InvalidInputError("bad URI")))


async def test_asked_to_stop_it_waits_no_longer() -> None:
    process = Process("test", backoff=Backoff(first=600, longest=600))
    task = asyncio.ensure_future(process.wait_until("odoo", Probe(TargetDownError("away"))))
    await asyncio.sleep(0)
    process.stopping.set()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(task, 5)


async def test_a_pause_ends_with_its_time_or_with_the_process(process: Process) -> None:
    assert await process.pause(0.001) is False
    process.stopping.set()
    assert await process.pause(600) is True


async def test_it_keeps_looking_whatever_fails_until_it_is_asked_to_stop(
    process: Process, caplog: pytest.LogCaptureFixture
) -> None:
    down = TargetDownError("Postgres does not answer", code="database-down")
    meets: list[Exception | None] = [down, InvalidInputError("mail of anna", code="bad"), ValueError("x"), None, down]

    async def look() -> float:
        if not meets:
            process.stopping.set()
            return 600.0
        if (met := meets.pop(0)) is not None:
            raise met
        return 0.0

    await asyncio.wait_for(process.keep_looking("it has to wait", look), 5)

    lines = waits(caplog)
    assert {record.getMessage() for record in lines} == {"it has to wait"}
    said = [(line.__dict__["code"], line.__dict__.get("detail"), line.__dict__["try"]) for line in lines]
    assert said == [
        ("database-down", down.text, 1),
        ("bad", None, 2),
        ("unexpected", None, 3),
        ("database-down", down.text, 1),
    ]
    assert [line.exc_info is None for line in lines] == [True, True, False, True]


_PROGRAM = """
import asyncio, sys
from runtime.errors import InvalidInputError
from runtime.service import run_service
from runtime.settings import ServiceSettings

async def main(process):
    process.health.set("work", ready=True)
    print("up", flush=True)
    {body}

sys.exit(run_service("sample", ServiceSettings(), main))
"""

Run = Callable[[str], Awaitable[asyncio.subprocess.Process]]


@pytest.fixture
def run() -> Run:
    """Start a service whose main has this body."""

    async def start(body: str) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            _PROGRAM.format(body=body),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )

    return start


async def test_a_signal_stops_it_in_good_order(run: Run) -> None:
    child = await run('await process.stopping.wait(); print("flushed")')
    assert child.stdout is not None
    await child.stdout.readline()
    child.send_signal(signal.SIGTERM)
    out, _ = await asyncio.wait_for(child.communicate(), 30)
    assert (child.returncode, out) == (0, b"flushed\n")


async def test_an_end_by_itself_is_no_failure(run: Run) -> None:
    child = await run("return")
    await asyncio.wait_for(child.communicate(), 30)
    assert child.returncode == 0


async def test_a_failure_is_logged_with_its_code_and_exits_with_one(run: Run) -> None:
    child = await run('raise InvalidInputError("rules.yaml line 3: unknown action", code="rules-bad")')
    _, err = await asyncio.wait_for(child.communicate(), 30)
    last = json.loads(err.splitlines()[-1])
    assert child.returncode == 1
    assert (last["code"], last["detail"]) == ("rules-bad", "rules.yaml line 3: unknown action")


async def test_every_failure_of_a_group_is_logged(run: Run) -> None:
    child = await run('raise ExceptionGroup("both", [InvalidInputError("one"), ValueError("hunter2")])')
    _, err = await asyncio.wait_for(child.communicate(), 30)
    errors = [json.loads(line) for line in err.splitlines() if b"stopped by an error" in line]
    assert [line["error"] for line in errors] == ["InvalidInputError", "ValueError"]
    assert b"hunter2" not in err


async def test_a_collector_of_traces_that_does_not_answer_holds_nobody_up(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("MAILDESK_OTLP_ENDPOINT", f"http://127.0.0.1:{silent.getsockname()[1]}/v1/traces")
        child = await run(
            "import runtime.service; runtime.service.TRACES_SECONDS = 0.1; runtime.service.END_SECONDS = 3.0;"
            ' from opentelemetry import trace; trace.get_tracer("sample").start_span("work").end()'
        )
        await asyncio.wait_for(child.communicate(), 30)
    assert child.returncode == 0


async def test_a_thread_that_does_not_end_is_left(run: Run) -> None:
    child = await run(
        "import threading, time, runtime.service; runtime.service.END_SECONDS = 0.1;"
        ' threading.Thread(target=time.sleep, args=(600,), name="deaf").start()'
    )
    _, err = await asyncio.wait_for(child.communicate(), 30)
    assert child.returncode == STUCK
    last = json.loads(err.splitlines()[-1])
    assert last["message"] == "left what does not end"
    assert "deaf" in last["threads"]


async def test_what_does_not_end_when_cancelled_is_named_and_left(caplog: pytest.LogCaptureFixture) -> None:
    released, left = asyncio.Event(), list[int]()

    async def deaf() -> None:
        while not released.is_set():
            with suppress(asyncio.CancelledError):
                await released.wait()

    task = asyncio.create_task(deaf(), name="main of sample")
    await asyncio.sleep(0)
    try:
        assert await asyncio.wait_for(conclude(task, left.append, cancel_seconds=0.01), 5) == STUCK
    finally:
        released.set()
        await task
    assert left == [STUCK]
    (record,) = [each for each in caplog.records if each.message == "left what does not end"]
    assert any("main of sample" in each and "deaf" in each for each in record.__dict__["tasks"])


async def test_what_ends_when_cancelled_is_not_left() -> None:
    left = list[int]()
    task = asyncio.create_task(asyncio.sleep(600))
    assert await asyncio.wait_for(conclude(task, left.append), 5) == 0
    assert left == []
