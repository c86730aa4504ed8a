"""Logins with tokens at a real Dovecot that asks the token server, and at an SMTP server that knows its tokens."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.mailbox.limits import Timeouts
from connectors.mailbox.open import open_mailbox
from connectors.mailbox.port import MailboxConnection
from connectors.oauth.tokens import Tokens
from connectors.smtp.client import SmtpClient, open_smtp
from runtime.clock import FakeClock
from runtime.errors import TargetDownError
from runtime.secrets import SecretFolder
from schemas.mailbox import Mailbox
from tests.contract.oauth.conftest import QUICK, oauth_of
from tests.contract.oauth.test_tokens import silent
from tests.servers.dovecot import DovecotServer, running_dovecot
from tests.servers.smtp import SmtpServer, running_smtp
from tests.servers.tokens import TokenServer

MESSAGE = b"Subject: x\r\n\r\nx\r\n"


@pytest.fixture(params=["xoauth2", "oauthbearer"])
def dovecot(request: pytest.FixtureRequest, tmp_path: Path, server: TokenServer) -> Iterator[DovecotServer]:
    """One that takes tokens by this mechanism only."""
    with running_dovecot(tmp_path, mechanisms=(request.param,), introspection=f"{server.url}/introspect") as running:
        yield running


@pytest.fixture
def smtp(server: TokenServer) -> Iterator[SmtpServer]:
    """One that takes tokens by XOAUTH2 only."""
    with running_smtp(accepts=server.good) as running:
        yield running


def mailbox(server: TokenServer, *, imap: int, smtp: int = 25, user: str = "anna") -> Mailbox:
    """With the ports of the servers."""
    place = {"host": "127.0.0.1", "security": "none", "username": user, "oauth": oauth_of(server)}
    source = {**place, "kind": "imap", "port": imap}
    return Mailbox.model_validate(
        {"id": "sales", "source": source, "outgoing": {**place, "port": smtp, "address": "sales@company.example"}}
    )


def opened(box: Mailbox, folder: Path) -> MailboxConnection:
    secrets = SecretFolder(folder)
    return open_mailbox(box, secrets, timeouts=Timeouts(5, 20), tokens=Tokens(secrets, FakeClock(), QUICK))


def sending(box: Mailbox, folder: Path) -> SmtpClient:
    secrets = SecretFolder(folder)
    return open_smtp(box, secrets, tokens=Tokens(secrets, FakeClock(), QUICK))


async def test_imap_takes_a_token_and_a_fresh_one_when_that_has_ended(
    dovecot: DovecotServer, server: TokenServer, folder: Path
) -> None:
    connection = opened(mailbox(server, imap=dovecot.port), folder)
    assert await connection.folders() == ["INBOX"]
    dovecot.restart()
    assert await connection.folders() == ["INBOX"]
    assert len(server.forms) == 1
    server.access.clear()  # taken back by the provider before its time
    dovecot.restart()
    assert await connection.folders() == ["INBOX"]
    assert len(server.forms) == 2
    await connection.close()


async def test_imap_that_takes_no_token_at_all_says_what_to_do(
    dovecot: DovecotServer, server: TokenServer, folder: Path
) -> None:
    connection = opened(mailbox(server, imap=dovecot.port, user="bert"), folder)
    with pytest.raises(TargetDownError, match=r"'bert' with a fresh token.*authorize sales") as refused:
        await connection.folders()
    assert refused.value.code == "imap-login"
    assert silent(refused.value.text)
    assert len(server.forms) == 2
    server.user = "bert"
    assert await connection.folders() == ["INBOX"]
    await connection.close()


async def test_an_ended_grant_and_a_sick_token_server_stop_the_account(
    dovecot: DovecotServer, server: TokenServer, folder: Path
) -> None:
    connection = opened(mailbox(server, imap=dovecot.port), folder)
    (folder / "GRANT").write_text("refresh-old")
    with pytest.raises(TargetDownError, match="authorize sales") as ended:
        await connection.folders()
    server.trouble = "error 500"
    with pytest.raises(TargetDownError) as down:
        await connection.folders()
    assert (ended.value.code, down.value.code) == ("oauth-expired", "oauth-down")
    server.trouble = None
    (folder / "GRANT").write_text("refresh-0")
    assert await connection.folders() == ["INBOX"]
    await connection.close()


async def test_a_server_without_token_logins_says_so(server: TokenServer, folder: Path, tmp_path: Path) -> None:
    with running_dovecot(tmp_path) as plain, running_smtp(login=True) as relay:
        box = mailbox(server, imap=plain.port, smtp=relay.port)
        connection, client = opened(box, folder), sending(box, folder)
        with pytest.raises(TargetDownError, match="offers no login with tokens"):
            await connection.folders()
        with pytest.raises(TargetDownError, match="offers no login with tokens"):
            await client.prepare("sales@company.example", "a@x.example")
        await connection.close()
        await client.close()
    assert server.forms == []


async def test_smtp_takes_a_token_and_a_fresh_one_when_that_has_ended(
    smtp: SmtpServer, server: TokenServer, folder: Path
) -> None:
    box, secrets = mailbox(server, imap=1, smtp=smtp.port), SecretFolder(folder)
    tokens = Tokens(secrets, FakeClock(), QUICK)
    for forms in (1, 1, 2):
        if forms == 2:
            server.access.clear()
        client = open_smtp(box, secrets, tokens=tokens)
        await client.prepare("sales@company.example", "a@x.example")
        await client.transmit(MESSAGE)
        await client.close()
        assert len(server.forms) == forms
    assert len(smtp.taken) == 3
    assert smtp.error_answers == [b""]  # the empty answer to the error


async def test_smtp_that_takes_no_token_at_all_says_what_to_do(
    smtp: SmtpServer, server: TokenServer, folder: Path
) -> None:
    client = sending(mailbox(server, imap=1, smtp=smtp.port, user="bert"), folder)
    with pytest.raises(TargetDownError, match=r"'bert' with a fresh token.*status 401.*authorize sales") as refused:
        await client.prepare("sales@company.example", "a@x.example")
    assert refused.value.code == "smtp-login"
    assert silent(refused.value.text)
    await client.close()
