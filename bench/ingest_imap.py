"""Reading a folder over IMAP on a real Dovecot: our connection's scan, beside the client that it stands on, alone.

In one run, in turns, on the same mails of one folder:
- ours: `scan` of the whole folder, to `Fetched`: UIDs, sizes, dates and flags first, then bodies in bounded groups
- alone: imapclient's FETCH of BODY.PEEK[], fifty UIDs a command, and nothing else
"""

import asyncio
import os
import time
from pathlib import Path
from typing import Any

from imapclient import IMAPClient

from bench.harness import alternating_awaited
from bench.servers import scratch
from connectors.mailbox.open import open_mailbox
from connectors.mailbox.port import Fetched, MailboxConnection
from schemas.mailbox import ImapSource, Mailbox
from tests.servers.dovecot import DovecotServer, running_dovecot

MAILS = 4_000
AT_ONCE = 50
ROUNDS = 5
BODY = b"A line of a mail that is like any other line of it.\r\n" * 90
"""5 KB."""


def reading() -> dict[str, float]:
    """Mails/s of each."""
    with scratch() as home, running_dovecot(home) as server:
        fill(server.maildir("anna"), MAILS)
        return asyncio.run(_measure(server))


def fill(maildir: Path, count: int, body: bytes = BODY) -> None:
    """So many mails in a Maildir's inbox, as its owner's."""
    owner = maildir.parent.stat()
    folders = [maildir, *(maildir / name for name in ("cur", "new", "tmp"))]
    for each in folders:
        each.mkdir(exist_ok=True)
        os.chown(each, owner.st_uid, owner.st_gid)
    for number in range(count):
        raw = _head(number) + body
        path = maildir / "cur" / f"{1_700_000_000 + number}.M{number}.bench,S={len(raw)},W={len(raw)}:2,"
        path.write_bytes(raw)
        os.chown(path, owner.st_uid, owner.st_gid)


def imap_source(server: DovecotServer, user: str) -> ImapSource:
    """Where that user's mail is; the secret is called A."""
    place = {"host": server.host, "port": server.port, "security": "none"}
    return ImapSource.model_validate({"kind": "imap", **place, "username": user, "password": "A"})


def _head(number: int) -> bytes:
    return (
        f"From: Person {number} <person{number}@customer.example>\r\nTo: anna@company.example\r\n"
        f"Subject: Question {number}\r\nMessage-ID: <{number}@bench.example>\r\n"
        "Date: Mon, 02 Mar 2026 08:00:00 +0000\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
    ).encode()


async def _measure(server: DovecotServer) -> dict[str, float]:
    source = imap_source(server, "anna")
    connection = open_mailbox(Mailbox(id="anna", source=source), lambda _: server.users["anna"])
    with IMAPClient(server.host, server.port, ssl=False) as client:
        client.login("anna", server.users["anna"])
        measures = {"ours": lambda: _ours(connection), "alone": lambda: asyncio.to_thread(_alone, client)}
        try:
            return await alternating_awaited(ROUNDS, measures)
        finally:
            await connection.close()


async def _ours(connection: MailboxConnection) -> float:
    began, found = time.perf_counter(), 0
    async for batch in connection.scan("INBOX", None):
        found += sum(isinstance(message, Fetched) for message in batch.messages)
    return _rate(found, began)


def _alone(client: Any) -> float:
    client.select_folder("INBOX", readonly=True)
    uids = client.search("ALL")
    began, found = time.perf_counter(), 0
    for start in range(0, len(uids), AT_ONCE):
        answers = client.fetch(uids[start : start + AT_ONCE], ["BODY.PEEK[]"])
        found += sum(bool(answer[b"BODY[]"]) for answer in answers.values())
    return _rate(found, began)


def _rate(found: int, began: float) -> float:
    if found != MAILS:
        raise RuntimeError(f"{found} of {MAILS} mails were read")
    return found / (time.perf_counter() - began)
