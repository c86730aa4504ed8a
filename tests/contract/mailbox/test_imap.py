"""What only IMAP has: UIDVALIDITY, capabilities, logins, TLS, and connections that break at the worst moment."""

import socket
import ssl
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from prometheus_client import REGISTRY

from connectors.mailbox.imap import ImapMailbox
from connectors.mailbox.imap_fetch import PAGE
from connectors.mailbox.limits import ReadLimits, Timeouts
from connectors.mailbox.port import (
    Fetched,
    MailboxConnection,
    MessageGoneError,
    Reference,
    Unreadable,
    UnsupportedError,
)
from runtime.errors import OutcomeUnknownError, TargetDownError
from schemas.mailbox import ImapSource
from tests.contract.mailbox.conftest import emptied
from tests.contract.mailbox.rigs import ImapRig, batches, fetched, mail, reference
from tests.servers.cutting_proxy import CuttingProxy, cutting_proxy
from tests.servers.dovecot import DovecotServer, running_dovecot

CERTIFICATE = "maildesk_connectors_certificate_expiry_timestamp_seconds"


@pytest.fixture
def account(dovecot: DovecotServer) -> ImapRig:
    """An empty account on the server with everything."""
    return emptied(dovecot)


@pytest.fixture(scope="module")
def without_move(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DovecotServer]:
    """A server with UIDPLUS only."""
    with running_dovecot(tmp_path_factory.mktemp("dovecot"), move=False) as server:
        yield server


@pytest.fixture
def plain(without_move: DovecotServer) -> ImapRig:
    """An empty account on the server without MOVE."""
    return emptied(without_move)


@pytest.fixture
def proxy(dovecot: DovecotServer) -> Iterator[CuttingProxy]:
    """In front of the server with everything."""
    with cutting_proxy(dovecot.host, dovecot.port) as running:
        yield running


@pytest.fixture
async def through(account: ImapRig, proxy: CuttingProxy) -> AsyncIterator[MailboxConnection]:
    """The account, seen through the proxy."""
    account.port = proxy.port
    mailbox = account.open()
    yield mailbox
    await mailbox.close()


async def one(rig: ImapRig, mailbox: MailboxConnection) -> tuple[Fetched, Reference]:
    """Deliver a mail and read it."""
    rig.deliver(mail())
    message = (await fetched(mailbox))[-1]
    return message, reference(message)


async def test_a_changed_uidvalidity_starts_again(account: ImapRig) -> None:
    mailbox = account.open()
    with account.admin() as admin:
        admin.append("Archive", mail())
        admin.append("Archive", mail())
    first = await batches(mailbox, "Archive")
    assert await batches(mailbox, "Archive", first[-1].cursor) == []
    known = first[0].messages[0]
    assert isinstance(known, Fetched)
    with account.admin() as admin:
        admin.delete_folder("Archive")
        admin.create_folder("Archive")
        admin.append("Archive", mail())
        admin.append("Archive", known.raw)
    again = await batches(mailbox, "Archive", first[-1].cursor)
    assert [len(batch.messages) for batch in again] == [2]
    assert await mailbox.locate(reference(known)) == again[0].messages[1].uri
    with pytest.raises(MessageGoneError):
        await mailbox.set_starred(known.uri, starred=True)
    await mailbox.close()


async def test_a_message_expunged_during_the_scan_is_left_out(account: ImapRig) -> None:
    for _ in range(4):
        account.deliver(mail())
    mailbox = account.open(ReadLimits(batch_messages=2))
    seen: list[str] = []
    async for batch in mailbox.scan("INBOX", None):
        if not seen:
            with account.admin() as admin:
                admin.select_folder("INBOX")
                admin.delete_messages([3])
                admin.expunge([3])
        seen += [m.position.uid for m in batch.messages]
    assert len(seen) == 3
    await mailbox.close()


async def test_an_empty_message_is_unreadable(account: ImapRig) -> None:
    account.deliver(mail())
    path = account.server.maildir(account.user)
    (path / "new" / "1700000000.M1P1.host").touch()
    mailbox = account.open()
    messages = [m for batch in await batches(mailbox) for m in batch.messages]
    assert sorted(type(m) is Unreadable for m in messages) == [False, True]
    await mailbox.close()


async def test_an_idle_connection_that_dropped_is_opened_again(
    account: ImapRig, proxy: CuttingProxy, through: MailboxConnection
) -> None:
    message, known = await one(account, through)
    proxy.cut_now()
    await through.change_tags(message.uri, ("vip",), ())
    proxy.cut_now()
    moved = await through.move(known, message.uri, "Archive")
    proxy.cut_now()
    assert await through.read(moved) == message.raw
    assert proxy.connections == 4


async def test_a_restarted_server_is_found_again(tmp_path: Path) -> None:
    with running_dovecot(tmp_path) as server:
        rig = ImapRig(server)
        mailbox = rig.open()
        message, known = await one(rig, mailbox)
        server.kill()
        with pytest.raises(TargetDownError):
            await mailbox.read(message.uri)
        server.start()
        assert await mailbox.locate(known) == message.uri
        server.restart()
        await mailbox.set_starred(message.uri, starred=True)
        await mailbox.close()


@pytest.mark.parametrize("command", [b"STORE", b"MOVE"])
@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_break_at_a_change_is_an_unknown_outcome_and_a_repeat_ends_it(
    account: ImapRig, proxy: CuttingProxy, through: MailboxConnection, command: bytes, when: str
) -> None:
    message, known = await one(account, through)
    proxy.cut_at(command, "before" if when == "before" else "after")

    async def change() -> str:
        await through.set_starred(await through.locate(known), starred=True)
        return await through.move(known, message.uri, "Archive")

    with pytest.raises(OutcomeUnknownError):
        await change()
    moved = await change()
    assert account.flags() == []
    assert account.flags("Archive") == [{"\\Flagged"}]
    assert await through.locate(known) == moved


async def test_a_break_while_reading_is_a_down_target(
    account: ImapRig, proxy: CuttingProxy, through: MailboxConnection
) -> None:
    message, _ = await one(account, through)
    proxy.cut_at(b"FETCH", "before", times=2)
    with pytest.raises(TargetDownError, match="broke"):
        await through.read(message.uri)
    assert await through.read(message.uri) == message.raw


async def test_a_message_that_makes_the_server_hang_up_costs_only_itself(
    account: ImapRig, proxy: CuttingProxy, through: MailboxConnection
) -> None:
    for _ in range(3):
        account.deliver(mail())
    # The whole group twice (once on a new connection), then the first message twice.
    proxy.cut_at(b"BODY.PEEK[]", "after", times=4)
    [batch] = [b async for b in through.scan("INBOX", None)]
    assert [type(m) for m in batch.messages] == [Unreadable, Fetched, Fetched]


async def test_without_move_a_copy_and_uid_expunge_do_it(plain: ImapRig) -> None:
    mailbox = plain.open()
    _, _ = await one(plain, mailbox)
    message, known = await one(plain, mailbox)
    with plain.admin() as admin:  # someone else's \Deleted message must survive
        admin.select_folder("INBOX")
        admin.delete_messages([admin.search()[0]])
    moved = await mailbox.move(known, message.uri, "Archive")
    assert await mailbox.move(known, message.uri, "Archive") == moved
    assert await mailbox.read(moved) == message.raw
    assert plain.flags() == [{"\\Deleted"}]
    assert plain.flags("Archive") == [set()]
    await mailbox.close()


@pytest.mark.parametrize("crash", ["after COPY", "after the flag"])
async def test_without_move_a_repeat_after_a_crash_makes_no_second_copy(plain: ImapRig, crash: str) -> None:
    mailbox = plain.open()
    message, known = await one(plain, mailbox)
    with plain.admin() as admin:
        admin.select_folder("INBOX")
        admin.copy(admin.search(), "Archive")
        if crash == "after the flag":
            admin.delete_messages(admin.search())
    moved = await mailbox.move(known, message.uri, "Archive")
    assert plain.flags() == []
    assert plain.flags("Archive") == [set()]
    assert await mailbox.read(moved) == message.raw
    await mailbox.close()


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("command", [b"COPY", b"STORE", b"EXPUNGE"])
async def test_without_move_a_break_anywhere_ends_in_one_message(
    plain: ImapRig, without_move: DovecotServer, command: bytes, when: str
) -> None:
    with cutting_proxy(without_move.host, without_move.port) as proxy:
        plain.port = proxy.port
        mailbox = plain.open()
        message, known = await one(plain, mailbox)
        proxy.cut_at(command, "before" if when == "before" else "after")
        with pytest.raises(OutcomeUnknownError):
            await mailbox.move(known, message.uri, "Archive")
        moved = await mailbox.move(known, message.uri, "Archive")
        assert plain.flags() == []
        assert plain.flags("Archive") == [set()]
        assert await mailbox.locate(known) == moved
        await mailbox.close()


async def test_with_neither_move_nor_uidplus_a_move_is_refused(tmp_path: Path) -> None:
    with running_dovecot(tmp_path, move=False, uidplus=False) as server:
        rig = ImapRig(server)
        mailbox = rig.open()
        message, known = await one(rig, mailbox)
        with pytest.raises(UnsupportedError, match="neither MOVE nor UIDPLUS"):
            await mailbox.move(known, message.uri, "Archive")
        assert rig.flags() == [set()]
        assert rig.flags("Archive") == []
        await mailbox.close()


async def test_a_folder_without_custom_keywords_refuses_clearly(tmp_path: Path) -> None:
    with running_dovecot(tmp_path, fixed_flags=("Archive",)) as server:
        rig = ImapRig(server)
        mailbox = rig.open()
        rig.deliver(mail(), "Archive")
        [message] = await fetched(mailbox, "Archive")
        with pytest.raises(UnsupportedError, match="PERMANENTFLAGS"):
            await mailbox.change_tags(message.uri, ("vip",), ())
        with pytest.raises(UnsupportedError, match="Flagged"):
            await mailbox.set_starred(message.uri, starred=True)
        await mailbox.close()


async def test_a_keyword_that_the_server_finds_too_long_is_refused_clearly(account: ImapRig) -> None:
    mailbox = account.open()
    message, _ = await one(account, mailbox)
    with pytest.raises(UnsupportedError, match="refused"):
        await mailbox.change_tags(message.uri, ("n" * 200,), ())
    await mailbox.change_tags(message.uri, ("fits",), ())
    await mailbox.close()


def connection(server: DovecotServer, **changes: object) -> ImapMailbox:
    """A mailbox on `server` whose source has these changes."""
    values = {"kind": "imap", "host": server.host, "port": server.port, "security": "none", "username": "anna"}
    source = ImapSource.model_validate({**values, "password": "ANNA", **changes})
    return ImapMailbox("test", source, lambda: server.users["anna"], timeouts=Timeouts(2, 5))


async def test_a_refused_login_names_user_and_secret(dovecot: DovecotServer) -> None:
    mailbox = connection(dovecot, username="nobody")
    with pytest.raises(TargetDownError, match=r"'nobody'.*ANNA") as refused:
        await mailbox.folders()
    assert refused.value.code == "imap-login"
    assert dovecot.users["anna"] not in refused.value.text
    await mailbox.close()


async def test_a_closed_port_and_an_unknown_host_are_down(dovecot: DovecotServer) -> None:
    for changes in ({"port": 1}, {"host": "no-such-host.invalid"}):
        mailbox = connection(dovecot, **changes)
        with pytest.raises(TargetDownError) as down:
            await mailbox.folders()
        assert down.value.code == "imap-connect"
        await mailbox.close()


async def test_tls_where_none_is_spoken_is_down(dovecot: DovecotServer) -> None:
    for security in ("tls", "starttls"):
        mailbox = connection(dovecot, security=security)
        with pytest.raises(TargetDownError):
            await mailbox.folders()
        await mailbox.close()


async def test_certificates_are_checked(tmp_path: Path) -> None:
    with running_dovecot(tmp_path, tls=True) as server:
        contexts: tuple[ssl.SSLContext | None, ...] = (None, server.trust())
        for security, port in (("tls", server.tls_port), ("starttls", server.port)):
            for context in contexts:
                source = ImapSource.model_validate(
                    {"kind": "imap", "host": "localhost", "port": port, "security": security}
                    | {"username": "bert", "password": "BERT"}
                )
                mailbox = ImapMailbox("test", source, lambda: server.users["bert"], ssl_context=context)
                if context is None:
                    with pytest.raises(TargetDownError, match="certificate") as refused:
                        await mailbox.folders()
                    assert refused.value.code == "imap-tls"
                else:
                    assert await mailbox.folders() == ["INBOX"]
                    labels = {"mailbox": "test", "protocol": "imap"}
                    ends = REGISTRY.get_sample_value(CERTIFICATE, labels)
                    assert ends is not None
                    assert ends > time.time()
                await mailbox.close()


async def test_a_silent_server_is_given_up(dovecot: DovecotServer) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        source = ImapSource(
            kind="imap", host="127.0.0.1", port=silent.getsockname()[1], security="none", username="a", password="A"
        )
        mailbox = ImapMailbox("test", source, lambda: "", timeouts=Timeouts(0.3, 0.3))
        with pytest.raises(TargetDownError):
            await mailbox.folders()
        await mailbox.close()
    assert dovecot.users


async def test_pages_of_uids_miss_nothing(account: ImapRig, monkeypatch: pytest.MonkeyPatch) -> None:
    assert PAGE > 1000
    monkeypatch.setattr("connectors.mailbox.imap_fetch.PAGE", 7)
    with account.admin() as admin:
        for _ in range(40):
            admin.append("INBOX", mail())
    mailbox = account.open()
    everything = await batches(mailbox)
    uids = [int(m.position.uid) for batch in everything for m in batch.messages]
    assert len(uids) == 40
    assert uids == sorted(uids)
    validity = everything[0].cursor.split(":")[0]
    rest = await batches(mailbox, cursor=f"{validity}:{uids[9]}")
    assert [int(m.position.uid) for batch in rest for m in batch.messages] == uids[10:]
    await mailbox.close()
