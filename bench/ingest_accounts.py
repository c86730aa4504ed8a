"""What many IMAP accounts take of one process: on a real Dovecot, over TLS, each with one mail and a connection."""

import asyncio
from pathlib import Path

from bench.ingest_imap import fill, imap_source
from bench.ingest_service import make_room, publish_mailboxes, running_ingest
from bench.servers import kafka, postgres, scratch
from schemas.mailbox import Mailbox
from tests.servers.dovecot import DovecotServer, running_dovecot

ACCOUNTS = 500
AIM_MB = 500
READY_SECONDS = 300.0
AFTER_SECONDS = 10.0
"""Memory is looked at once more after some looks at every mailbox."""


def memory_of_accounts(accounts: int = ACCOUNTS) -> float:
    """The peak of resident memory in MB, from the start on."""
    with scratch() as home, running_dovecot(home, tls=True) as server, kafka(home) as bootstrap, postgres(home) as dsn:
        users = {f"user{number}": "secret" for number in range(accounts)}
        make_room(server, users)
        for user in users:
            fill(server.maildir(user), 1)
        publish_mailboxes(bootstrap, [_mailbox(server, user) for user in users])
        return asyncio.run(_measure(home, bootstrap, dsn, server.root / "cert.pem", accounts))


def _mailbox(server: DovecotServer, user: str) -> Mailbox:
    tls = {"port": server.tls_port, "security": "tls", "sent": None}
    return Mailbox(id=user, source=imap_source(server, user).model_copy(update=tls))


async def _measure(home: Path, bootstrap: str, dsn: str, trusted: Path, accounts: int) -> float:
    secret = {"MAILDESK_SECRET_A": "secret", "SSL_CERT_FILE": str(trusted)}
    with running_ingest(home, bootstrap, dsn, **secret) as service:
        await service.until(lambda facts: _read(facts) == accounts, READY_SECONDS)
        await asyncio.sleep(AFTER_SECONDS)
        return service.peak_mb


def _read(facts: dict[str, dict[str, dict[str, object]]]) -> int:
    return sum(bool(each["scanned_once"]) for each in facts.get("mailboxes", {}).values())
