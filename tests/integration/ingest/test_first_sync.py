"""The first look at a mailbox with much mail, by real processes on real Kafka, Postgres and Dovecot.

One is killed in the middle and another takes over: nothing is lost, nothing doubled, memory is bounded, other mailboxes
are served meanwhile.
"""

import asyncio
import logging
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bench.ingest_imap import fill, imap_source
from bench.ingest_service import Service, publish_mailboxes, running_ingest
from runtime.kafka import Consumer
from runtime.postgres import Database
from schemas.envelope import header
from schemas.mailbox import Mailbox
from tests.integration.ingest.parts import migrated
from tests.servers.dovecot import DovecotServer, running_dovecot

log = logging.getLogger(__name__)
BODY = b"A short mail.\r\n"
GROWTH_MB = 150.0
"""What the peak may be above what the process had after its first batches, however much mail there is: the UIDs of the
folder (100,000 take 10 MB), and one batch of at most 8 MB, as it came, as it was parsed and as it is published."""
REPEATS = 200
"""Events that a kill may publish twice: one look at what is recorded and not marked."""
LEASE = "3"


@dataclass
class Desk:
    home: Path
    kafka: str
    dsn: str
    server: DovecotServer
    database: Database

    def ingest(self, name: str) -> Any:
        secrets = {f"MAILDESK_SECRET_{user.upper()}": self.server.users[user] for user in self.server.users}
        return running_ingest(self.home, self.kafka, self.dsn, name, MAILDESK_INGEST_LEASE_SECONDS=LEASE, **secrets)

    def mailboxes(self) -> list[Mailbox]:
        found = []
        for user in self.server.users:
            source = imap_source(self.server, user).model_copy(update={"password": user.upper(), "sent": None})
            found.append(Mailbox(id=user, source=source))
        return found

    async def readers(self) -> dict[str, str]:
        """The name of the process that reads each mailbox."""
        rows = await self.database.fetch("SELECT mailbox, name FROM ingest.lease_v1 WHERE alive")
        return {row["mailbox"]: row["name"] for row in rows}

    async def beside(self, mailbox: str) -> str:
        """Another one that the same process reads, once two processes read all."""
        async with asyncio.timeout(30):
            found = await self.readers()
            while len(set(found.values())) < 2 or len(found) < len(self.server.users):
                await asyncio.sleep(0.05)
                found = await self.readers()
        return next((box for box, name in found.items() if name == found[mailbox] and box != mailbox), "bert")

    async def recorded(self, mailbox: str) -> int:
        query = "SELECT count(*) FROM ingest.event WHERE mailbox = $1 AND published_at IS NOT NULL"
        return int(await self.database.fetchval(query, mailbox))

    async def until_recorded(self, mailbox: str, count: int, seconds: float) -> float:
        began = time.monotonic()
        async with asyncio.timeout(seconds):
            while await self.recorded(mailbox) < count:  # noqa: ASYNC110 - another process sets no event
                await asyncio.sleep(0.1)
        return time.monotonic() - began


async def first_sync(desk: Desk, count: int, seconds: float) -> None:
    await asyncio.to_thread(fill, desk.server.maildir("anna"), count, BODY)
    for user in ("bert", "carl"):
        await asyncio.to_thread(fill, desk.server.maildir(user), 1, BODY)
    await migrated(desk.database)
    with desk.ingest("first") as first, desk.ingest("second") as second:
        await asyncio.gather(*(each.until(lambda facts: "share" in facts, 60) for each in (first, second)))
        await asyncio.to_thread(publish_mailboxes, desk.kafka, desk.mailboxes())
        began = time.monotonic()
        beside = await desk.beside("anna")
        await desk.until_recorded("anna", count // 10, seconds)
        reader, other = (first, second) if (await desk.readers())["anna"] == "first" else (second, first)
        await _tells_how_far_it_is(reader, count)
        deliver(desk.server, beside, 1)
        assert await desk.until_recorded(beside, 2, 30) < 15, "other mail does not wait for the first sync"
        await desk.until_recorded("anna", count // 3, seconds)
        reader.kill()
        read = await desk.recorded("anna")
        assert read < count, "it was killed in the middle"
        took_over = await desk.until_recorded("anna", read + 1, 60)
        assert took_over < float(LEASE) * 2 + 5
        resident = other.resident_mb
        await desk.until_recorded("anna", count, seconds)
        await other.until(lambda facts: facts["mailboxes"]["anna"]["scanned_once"], 60)
        took, growth = time.monotonic() - began, other.peak_mb - resident
        logs = first.log.read_text() + second.log.read_text()
    log.info(
        "%d mails in %.0f s, from %.0f MB on %.0f more, taken over in %.1f s", count, took, resident, growth, took_over
    )
    assert growth < GROWTH_MB
    assert took / 10 - 10 <= logs.count("reading much mail") <= took / 10 + 2
    assert await desk.database.fetchval("SELECT count(DISTINCT event_id) FROM ingest.event") == count + 3
    published = await ids(desk.kafka, count + 3)
    assert len(set(published)) == count + 3
    assert len(published) <= count + 3 + REPEATS


async def _tells_how_far_it_is(service: Service, count: int) -> None:
    seen: dict[str, Any] = {}

    def told(facts: dict[str, Any]) -> bool:
        seen.update(facts["mailboxes"]["anna"].get("progress", {}))
        return bool(seen)

    await service.until(told, 10)
    assert seen["of"] == count
    assert 0 < seen["read"] < count
    assert seen["per_second"] > 0


def deliver(server: DovecotServer, user: str, number: int) -> None:
    folder = server.maildir(user)
    raw = f"Message-ID: <late-{number}@bench.example>\r\nSubject: Late\r\n\r\n".encode() + BODY
    path = folder / "tmp" / f"1800000000.M{number}.late"
    path.write_bytes(raw)
    os.chown(path, folder.stat().st_uid, folder.stat().st_gid)
    path.rename(folder / "new" / path.name)


async def ids(kafka: str, count: int) -> list[str]:
    """The ids of all events that were published, in any order."""
    consumer = Consumer(kafka, "tests", ["mail-arrived"])
    await consumer.start()
    found: list[str] = []
    async with asyncio.timeout(120):
        while len(set(found)) < count:
            found += [str(header(record.headers, "ce_id")) for record in await consumer.poll(5_000, 0.5)]
    found += [str(header(record.headers, "ce_id")) for record in await consumer.poll(5_000, 2)]
    await consumer.stop()
    return found


@pytest.mark.parametrize(
    ("count", "seconds"),
    [
        pytest.param(2_500, 60, id="2500"),
        pytest.param(100_000, 1_500, id="100000", marks=[pytest.mark.soak, pytest.mark.timeout(3_600)]),
    ],
)
async def test_killed_in_the_middle_and_taken_over(
    kafka: str, database: Database, database_dsn: str, tmp_path: Path, count: int, seconds: float
) -> None:
    with running_dovecot(tmp_path) as server:
        await first_sync(Desk(tmp_path, kafka, database_dsn, server, database), count, seconds)
