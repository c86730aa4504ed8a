"""The embedded Postgres comes back after crashes, and nobody who was killed keeps it running."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import psutil

from runtime.postgres import connect
from sandbox.postgres import PostgresServer

HOLD = """
import sys, time
from pathlib import Path
from sandbox.postgres import PostgresServer
server = PostgresServer(Path(sys.argv[1]))
server.start()
print(server.dsn, flush=True)
time.sleep(600)
"""


async def _value(dsn: str, sql: str) -> object:
    database = await connect(dsn, name="tests", pool_size=1)
    try:
        return await database.fetchval(sql)
    finally:
        await database.close()


def _postmaster(home: Path) -> int | None:
    note = home / "postmaster.pid"
    return int(note.read_text().split()[0]) if note.exists() else None


def test_a_crash_keeps_data_and_address(tmp_path: Path) -> None:
    server = PostgresServer(tmp_path / "postgres")
    server.start()
    try:
        before = server.dsn
        asyncio.run(_value(before, "CREATE TABLE kept AS SELECT 7 AS number"))
        server.kill()
        server.start()
        assert server.dsn == before
        assert asyncio.run(_value(before, "SELECT number FROM kept")) == 7
    finally:
        server.stop()
    assert _postmaster(tmp_path / "postgres") is None


def test_the_last_holder_stops_it_also_when_another_one_was_killed(tmp_path: Path) -> None:
    home = tmp_path / "postgres"
    with subprocess.Popen([sys.executable, "-c", HOLD, str(home)], stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline().startswith("postgresql://")
        holder.kill()
    running = _postmaster(home)
    assert running is not None
    assert psutil.pid_exists(running), "a killed holder leaves the server running"
    server = PostgresServer(home)
    server.start()
    assert _postmaster(home) == running, "it joins the one that runs"
    server.stop()
    assert _postmaster(home) is None


def test_a_stale_note_that_names_another_process_is_not_believed(tmp_path: Path) -> None:
    home = tmp_path / "postgres"
    server = PostgresServer(home)
    server.start()
    note = home / "postmaster.pid"
    lines = note.read_text().splitlines()
    server.stop()
    note.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    (home / ".handle_pids.json").write_text(json.dumps([]))
    server.start()
    try:
        assert asyncio.run(_value(server.dsn, "SELECT 1")) == 1
    finally:
        server.stop()
