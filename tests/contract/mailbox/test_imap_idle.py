"""Waiting on a real Dovecot: IDLE, NOTIFY, TLS, and each way in which a server's word can fail to come."""

import asyncio
import threading
import time
from collections.abc import Awaitable, Iterator
from pathlib import Path

import pytest

from connectors.mailbox.imap import ImapMailbox
from connectors.mailbox.news import News
from connectors.mailbox.port import MailboxConnection
from schemas.mailbox import ImapSource
from tests.contract.mailbox.conftest import emptied, opened
from tests.contract.mailbox.rigs import ImapRig, batches, fetched, mail
from tests.servers.cutting_proxy import cutting_proxy
from tests.servers.dovecot import DovecotServer, running_dovecot

LONG = 600.0
SOON = 20.0


@pytest.fixture
def account(dovecot: DovecotServer) -> ImapRig:
    """An empty account on a server with IDLE and without NOTIFY."""
    return emptied(dovecot)


@pytest.fixture(scope="module")
def notifying(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DovecotServer]:
    """A server with IDLE, NOTIFY and TLS."""
    with running_dovecot(tmp_path_factory.mktemp("dovecot"), notify=True, tls=True) as server:
        yield server


async def soon(news: Awaitable[News]) -> News:
    """The end of a wait that must not last."""
    async with asyncio.timeout(SOON):
        return await news


async def begun(mailbox: MailboxConnection, folders: list[str]) -> asyncio.Task[News]:
    """A wait that goes on."""
    waiting = asyncio.create_task(mailbox.wait(folders, LONG))
    await asyncio.sleep(0.2)
    assert not waiting.done()
    return waiting


async def test_a_server_without_idle_is_not_waited_for(tmp_path: Path) -> None:
    with running_dovecot(tmp_path, idle=False) as server:
        async with opened(ImapRig(server)) as mailbox:
            await batches(mailbox)
            assert await mailbox.wait(["INBOX"], LONG) is News.UNTOLD


async def test_idle_reads_nothing_as_seen(account: ImapRig) -> None:
    async with opened(account) as mailbox:
        await batches(mailbox)
        waiting = await begun(mailbox, ["INBOX"])
        account.deliver(mail())
        assert await soon(waiting) is News.TOLD
        assert len(await fetched(mailbox)) == 1
    assert account.flags() == [set()]


async def test_without_notify_other_folders_are_looked_at_after_a_while(
    account: ImapRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.mailbox.imap_wait.UNWATCHED", 0.3)
    async with opened(account) as mailbox:
        for folder in ("INBOX", "Archive"):
            await batches(mailbox, folder)
        assert await soon(mailbox.wait(["INBOX", "Archive"], LONG)) is News.QUIET
        account.deliver(mail(), "Archive")
        assert await soon(mailbox.wait(["INBOX", "Archive"], LONG)) is News.TOLD
        assert len(await batches(mailbox, "Archive")) == 1


async def test_with_notify_every_folder_is_told_of_at_once(notifying: DovecotServer) -> None:
    account = emptied(notifying)
    folders = ["INBOX", "Further mail"]
    with account.admin() as admin:
        admin.create_folder("Further mail")
    async with opened(account) as mailbox:
        for folder in folders:
            await batches(mailbox, folder)
        for folder in reversed(folders):
            waiting = await begun(mailbox, folders)
            account.deliver(mail(), folder)
            assert await soon(waiting) is News.TOLD
            assert len(await batches(mailbox, folder)) == 1


async def test_a_folder_that_notify_does_not_tell_of_is_looked_at_after_a_while(
    notifying: DovecotServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Dovecot 2.3 never tells of a name that is not ASCII."""
    monkeypatch.setattr("connectors.mailbox.imap_wait.UNWATCHED", 0.3)
    async with opened(emptied(notifying)) as mailbox:
        for folder in ("INBOX", "Projekte-Übersicht"):
            await batches(mailbox, folder)
        assert await soon(mailbox.wait(["INBOX", "Projekte-Übersicht"], LONG)) is News.QUIET


async def test_flags_and_expunges_of_others_wake_nobody(notifying: DovecotServer) -> None:
    account = emptied(notifying)
    for folder in ("INBOX", "Archive"):
        account.deliver(mail(), folder)
    async with opened(account) as mailbox:
        for folder in ("INBOX", "Archive"):
            await batches(mailbox, folder)
        waiting = await begun(mailbox, ["INBOX", "Archive"])
        with account.admin() as admin:
            for folder in ("INBOX", "Archive"):
                admin.select_folder(folder)
                admin.add_flags(admin.search(), ["\\Seen"])
                admin.delete_messages(admin.search())
                admin.expunge()
        await asyncio.sleep(0.8)
        assert not waiting.done()
        account.deliver(mail(), "Archive")
        assert await soon(waiting) is News.TOLD


async def test_what_is_told_over_tls_is_heard(notifying: DovecotServer) -> None:
    account = emptied(notifying)
    source = ImapSource.model_validate(
        {"kind": "imap", "host": "localhost", "port": notifying.tls_port, "security": "tls"}
        | {"username": account.user, "password": "PASSWORD"}
    )
    mailbox = ImapMailbox("test", source, lambda: account.password, ssl_context=notifying.trust())
    await batches(mailbox)
    for count in (1, 2):
        waiting = await begun(mailbox, ["INBOX"])
        account.deliver(mail())
        assert await soon(waiting) is News.TOLD
        assert len(await fetched(mailbox)) == count
    await mailbox.close()


async def test_a_killed_server_ends_the_wait_and_the_mail_is_found_afterwards(notifying: DovecotServer) -> None:
    account = emptied(notifying)
    async with opened(account) as mailbox:
        await batches(mailbox)
        waiting = await begun(mailbox, ["INBOX"])
        notifying.kill()
        assert await soon(waiting) is News.UNTOLD
        notifying.start()
        account.deliver(mail())
        assert len(await fetched(mailbox)) == 1


async def test_a_connection_that_went_silent_is_found_by_the_next_look(
    account: ImapRig, dovecot: DovecotServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.mailbox.imap_idle.PATIENCE", 0.5)
    with cutting_proxy(dovecot.host, dovecot.port) as proxy:
        account.port = proxy.port
        async with opened(account) as mailbox:
            await batches(mailbox)
            waiting = asyncio.create_task(mailbox.wait(["INBOX"], 1.0))
            await asyncio.sleep(0.3)
            proxy.silence_now()
            ImapRig(dovecot, account.user).deliver(mail())
            assert await soon(waiting) is News.QUIET
            began = time.monotonic()
            assert len(await fetched(mailbox)) == 1
            assert time.monotonic() - began < SOON / 2
            assert proxy.connections == 2


async def test_another_call_ends_a_wait(account: ImapRig) -> None:
    account.deliver(mail())
    async with opened(account) as mailbox:
        await batches(mailbox)
        waiting = await begun(mailbox, ["INBOX"])
        assert "INBOX" in await mailbox.folders()
        assert await soon(waiting) is News.QUIET
        assert len(await fetched(mailbox)) == 1


async def test_a_cancelled_wait_is_over_at_once_and_leaves_no_thread(account: ImapRig) -> None:
    before = set(threading.enumerate())
    async with opened(account) as mailbox:
        await batches(mailbox)
        waiting = await begun(mailbox, ["INBOX"])
        began = time.monotonic()
        waiting.cancel()
        await asyncio.wait({waiting})
    assert time.monotonic() - began < 2
    for _ in range(100):
        if not (left := [t for t in set(threading.enumerate()) - before if t.name.startswith("mailbox-")]):
            break
        await asyncio.sleep(0.02)
    assert left == []


async def test_an_idle_ends_before_a_server_would_log_us_out(account: ImapRig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.mailbox.imap_wait.RENEW", 0.3)
    async with opened(account) as mailbox:
        await batches(mailbox)
        assert await soon(mailbox.wait(["INBOX"], LONG)) is News.QUIET


async def test_a_folder_that_is_replaced_is_read_again(account: ImapRig) -> None:
    first, second = mail(), mail()
    account.deliver(first, "Archive")
    async with opened(account) as mailbox:
        [batch] = await batches(mailbox, "Archive")
        assert await batches(mailbox, "Archive", batch.cursor) == []
        with account.admin() as admin:
            admin.delete_folder("Archive")
            admin.create_folder("Archive")
            for raw in (first, second):
                admin.append("Archive", raw)
        assert await soon(mailbox.wait(["Archive"], LONG)) is News.TOLD
        [again] = await batches(mailbox, "Archive", batch.cursor)
        assert len(again.messages) == 2
