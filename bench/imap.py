"""Tags a second on a real Dovecot: through the effect `tag`, beside what the protocol allows and beside one by one.

In one run, in turns, on the same 2,000 mails of one folder, each with a tag of its own that is set and cleared in turn:
- ours: the effect, 50 commands a call: each mail is looked for, compared, changed, and looked at afterwards
- raw: UID STORE of 50 UIDs a command, and nothing else
- alone: the same look, comparison, change and look for one mail after the other
"""

import asyncio
import itertools
import shutil
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from imapclient import IMAPClient

from bench.commands import commands
from bench.harness import Result, alternating_awaited
from bench.servers import scratch
from connectors.mailbox.digest import digest, header_digest
from connectors.mailbox.each_alone import change_one
from connectors.mailbox.open import open_mailbox
from connectors.mailbox.port import Fetched, MailboxConnection
from runtime.errors import MaildeskError
from schemas.command import ActionCommand
from schemas.mail import ContentReference
from schemas.mailbox import ImapSource, Mailbox
from schemas.registry import MailboxRegistry
from services.actions.connections import Connections
from services.actions.effects.on_mailbox import reference_of
from services.actions.effects.tag import Tag
from services.actions.model import ClaimKey, CommandRow, Job
from services.actions.states import State
from tests.servers.dovecot import REMEDY, DovecotServer, running_dovecot

MAILS = 2_000
ALONE = 200
AT_ONCE = 50
ROUNDS = 3
BODY = b"A line of a mail that is like any other line of it.\r\n" * 40


def run() -> list[Result]:
    """Raises RuntimeError where Dovecot is not installed."""
    if shutil.which("dovecot") is None:
        raise RuntimeError(REMEDY)
    with scratch() as home, running_dovecot(home) as server:
        rates = asyncio.run(_measure(server))
    return [
        Result("imap.tag", "tags/s", rates["ours"], f"bare UID STORE of {AT_ONCE}", rates["raw"]),
        Result("imap.tag_over_alone", "tags/s", rates["ours"], "the same, mail by mail", rates["alone"]),
    ]


async def _measure(server: DovecotServer) -> dict[str, float]:
    with _client(server) as client:
        for number in range(MAILS):
            client.append("INBOX", f"Subject: {number}\r\nMessage-ID: <{number}@bench>\r\n\r\n".encode() + BODY)
        box = _mailbox(server)
        connection = open_mailbox(box, lambda _: server.users["anna"])
        found = [m async for batch in connection.scan("INBOX", None) for m in batch.messages if isinstance(m, Fetched)]
        tags = _Tags(connection, found, client)
        try:
            return await alternating_awaited(ROUNDS, {"ours": tags.ours, "raw": tags.raw, "alone": tags.alone})
        finally:
            await connection.close()


class _Tags:
    """Each measure sets its tag, and clears it the next time."""

    def __init__(self, connection: MailboxConnection, found: Sequence[Fetched], client: Any) -> None:
        self._connection = connection
        self._effect = Tag(_Held(connection))
        self._found = found
        self._client = client
        client.select_folder("INBOX")
        self._turns = {name: itertools.cycle((True, False)) for name in ("ours", "raw", "alone")}

    async def ours(self) -> float:
        """Tags/s of the effect."""
        jobs = self._jobs("ours", self._found)
        began = time.perf_counter()
        for start in range(0, len(jobs), AT_ONCE):
            answers = await self._effect.do(jobs[start : start + AT_ONCE])
            if failed := [answer for answer in answers if isinstance(answer, MaildeskError)]:
                raise RuntimeError(f"{len(failed)} of {len(answers)} tags failed: {failed[0].text}")
        return len(jobs) / (time.perf_counter() - began)

    async def raw(self) -> float:
        """Tags/s of bare commands."""
        store = self._client.add_flags if next(self._turns["raw"]) else self._client.remove_flags
        uids = [int(message.position.uid) for message in self._found]
        began = time.perf_counter()
        for start in range(0, len(uids), AT_ONCE):
            store(uids[start : start + AT_ONCE], ["raw"], silent=True)
        return len(uids) / (time.perf_counter() - began)

    async def alone(self) -> float:
        """Tags/s of the same steps for one mail after the other."""
        jobs = self._jobs("alone", self._found[:ALONE])
        began = time.perf_counter()
        for job in jobs:
            reference = reference_of(job)
            uri = await self._connection.locate(reference)
            await change_one(self._connection, self._effect.change(job), reference, uri)
        return len(jobs) / (time.perf_counter() - began)

    def _jobs(self, name: str, found: Sequence[Fetched]) -> list[Job]:
        action = {"id": name, "type": "tag", "add" if next(self._turns[name]) else "remove": [name]}
        made = commands(uuid.uuid4(), len(found), action)
        return [_job(command, message) for command, message in zip(made, found, strict=True)]


class _Held(Connections):
    """One connection for every mailbox."""

    def __init__(self, connection: MailboxConnection) -> None:
        super().__init__(MailboxRegistry(), lambda _: connection)
        self._connection = connection

    async def get(self, mailbox_id: str) -> MailboxConnection:
        del mailbox_id
        return self._connection


def _job(command: ActionCommand, message: Fetched) -> Job:
    content = ContentReference(
        uri=message.uri, digest=digest(message.raw), header_digest=header_digest(message.raw), size=message.size
    )
    given = command.model_copy(update={"event": command.event.model_copy(update={"content": content})})
    now = datetime.now(UTC)
    row = CommandRow(
        command_id=given.command_id,
        seq=1,
        type=given.type,
        state=State.RUNNING,
        attempt=0,
        failures=0,
        fence=1,
        key=ClaimKey("bench", "bench", "bench", 1),
        event_id=given.event.event_id,
        lane="",
        wait_reason="",
        blocked_since=None,
        sequence=0,
        command=given,
        headers={},
        accepted_at=now,
    )
    return Job(row=row, fence=1, attempt=1, started_at=now, lease_ends=0.0, uri=message.uri)


def _mailbox(server: DovecotServer) -> Mailbox:
    place = {"kind": "imap", "host": server.host, "port": server.port, "security": "none"}
    source = ImapSource.model_validate({**place, "username": "anna", "password": "ANNA"})
    return Mailbox(id="bench", source=source)


@contextmanager
def _client(server: DovecotServer) -> Iterator[Any]:
    client = IMAPClient(server.host, server.port, ssl=False, timeout=60)
    try:
        client.plain_login("anna", server.users["anna"])
        yield client
    finally:
        client.shutdown()
