"""How soon a mail is an event where the server says that it came, and what a look at a quiet folder costs.

The service in a process of its own, on Dovecot with IDLE and NOTIFY; by itself it would look again after an hour.
"""

import asyncio
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from imapclient import IMAPClient

from bench.harness import alternating_awaited
from bench.ingest_imap import fill, imap_source
from bench.ingest_service import publish_mailboxes, running_ingest
from bench.servers import kafka, postgres, scratch
from connectors.mailbox.open import open_mailbox
from connectors.mailbox.port import MailboxConnection
from runtime.postgres import Database, connect
from schemas.mailbox import Mailbox
from tests.servers.dovecot import DovecotServer, running_dovecot

USER = "anna"
DELIVERIES = 60
APART = 0.25
PATIENCE = 60.0
LIMIT_SECONDS = 1.0
LARGE = 100_000
"""Messages in the folder that is looked at."""
LOOKS = 50
ROUNDS = 3
PUBLISHED = """
SELECT message_id, extract(epoch FROM published_at)::float8 AS at
FROM ingest.event_v1 WHERE published_at IS NOT NULL AND message_id LIKE '<idle-%'
"""


def delivery_to_event() -> list[float]:
    """Seconds from before the mail is given to Dovecot to after Kafka has acknowledged its event, of each mail."""
    with (
        scratch() as home,
        running_dovecot(home, notify=True) as server,
        kafka(home) as bootstrap,
        postgres(home) as dsn,
    ):
        publish_mailboxes(bootstrap, [Mailbox(id=USER, source=imap_source(server, USER))])
        settings = {"MAILDESK_SECRET_A": server.users[USER], "MAILDESK_INGEST_NET": "3600"}
        with _client(server) as client:
            client.create_folder("Sent")
            return asyncio.run(_deliver(home, bootstrap, dsn, client, settings))


async def _deliver(home: Path, bootstrap: str, dsn: str, client: Any, settings: dict[str, str]) -> list[float]:
    database = await connect(dsn, name="bench", pool_size=1)
    with running_ingest(home, bootstrap, dsn, **settings) as service:
        await service.until(lambda facts: facts.get("mailboxes", {}).get(USER, {}).get("scanned_once", False), PATIENCE)
        given = {}
        for number in range(DELIVERIES):
            ident = f"<idle-{number}@bench>"
            given[ident] = datetime.now(UTC).timestamp()
            await asyncio.to_thread(client.append, "INBOX", _mail(ident))
            await asyncio.sleep(APART)
        published = await _published(database)
    await database.close()
    return [published[ident] - began for ident, began in given.items()]


async def _published(database: Database) -> dict[str, float]:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        rows = await database.fetch(PUBLISHED)
        if len(rows) == DELIVERIES:
            return {row["message_id"]: row["at"] for row in rows}
        await asyncio.sleep(0.1)
    raise TimeoutError(f"not all of {DELIVERIES} mails are events after {PATIENCE:.0f} s")


def quiet_looks() -> dict[str, float]:
    """Milliseconds of a look that finds nothing, at a `large` folder and at an `empty` one."""
    with scratch() as home, running_dovecot(home) as server:
        with _client(server) as client:
            client.create_folder("Large")
            client.create_folder("Empty")
        fill(server.maildir(USER) / ".Large", LARGE, b"Hello\r\n")
        return asyncio.run(_look(server))


async def _look(server: DovecotServer) -> dict[str, float]:
    connection = open_mailbox(Mailbox(id=USER, source=imap_source(server, USER)), lambda _: server.users[USER])
    with _client(server) as client:
        client.select_folder("Large")  # Dovecot gives the files their UIDs
        told = client.folder_status("Large", ["UIDNEXT", "UIDVALIDITY"])
    cursor = f"{told[b'UIDVALIDITY']}:{told[b'UIDNEXT'] - 1}"
    try:
        measures = {
            "large": lambda: _time(connection, "Large", cursor),
            "empty": lambda: _time(connection, "Empty", None),
        }
        return await alternating_awaited(ROUNDS, measures)
    finally:
        await connection.close()


async def _time(connection: MailboxConnection, folder: str, cursor: str | None) -> float:
    began = time.perf_counter()
    for _ in range(LOOKS):
        if [batch async for batch in connection.scan(folder, cursor)]:
            raise RuntimeError(f"folder {folder} is not quiet")
    return (time.perf_counter() - began) / LOOKS * 1_000


def _mail(ident: str) -> bytes:
    return f"From: a@example.org\r\nSubject: {ident[1:-1]}\r\nMessage-ID: {ident}\r\n\r\nHello\r\n".encode()


def _client(server: DovecotServer) -> Any:
    client = IMAPClient(server.host, server.port, ssl=False, timeout=120)
    client.plain_login(USER, server.users[USER])
    return client
