"""POP3 on a real Dovecot: what every kind of mailbox promises is tested beside, here is what only POP3 has."""

import time
from pathlib import Path

import pytest
from prometheus_client import REGISTRY

from connectors.mailbox.limits import Timeouts
from connectors.mailbox.open import open_mailbox
from connectors.mailbox.port import MailboxConnection
from connectors.oauth.tokens import Tokens
from runtime.clock import FakeClock
from runtime.errors import TargetDownError
from runtime.secrets import SecretFolder
from schemas.mailbox import Mailbox
from tests.contract.mailbox.conftest import emptied
from tests.contract.mailbox.rigs import Pop3Rig, fetched, mail
from tests.contract.oauth.conftest import folder, oauth_of, server
from tests.contract.oauth.test_tokens import silent
from tests.servers.dovecot import POP3_REMEDY, DovecotServer, running_dovecot
from tests.servers.tokens import TokenServer

__all__ = ["folder", "server"]


def speaking_pop3(dovecot: DovecotServer) -> DovecotServer:
    if not dovecot.pop3_port:
        pytest.skip(POP3_REMEDY)
    return dovecot


def account(dovecot: DovecotServer, **changes: object) -> Mailbox:
    source = {"kind": "pop3", "host": "127.0.0.1", "port": dovecot.pop3_port, "security": "none", "username": "bert"}
    given = {"password": "BERT", **changes}
    return Mailbox.model_validate({"id": "sales", "source": {**source, **given}})


def opened(box: Mailbox, dovecot: DovecotServer, *, trusted: bool = False) -> MailboxConnection:
    context = dovecot.trust() if trusted else None
    return open_mailbox(box, lambda _: dovecot.users["bert"], timeouts=Timeouts(5, 20), ssl_context=context)


async def test_certificates_are_checked_on_both_ports(tmp_path: Path) -> None:
    with running_dovecot(tmp_path, tls=True) as running:
        dovecot = speaking_pop3(running)
        for security, port in (("tls", dovecot.pop3_tls_port), ("starttls", dovecot.pop3_port)):
            box = account(dovecot, security=security, port=port, host="localhost")
            stranger, trusted = opened(box, dovecot), opened(box, dovecot, trusted=True)
            with pytest.raises(TargetDownError, match="certificate") as refused:
                await fetched(stranger)
            assert refused.value.code == "pop3-tls"
            assert await fetched(trusted) == []
            labels = {"mailbox": box.id, "protocol": "pop3"}
            ends = REGISTRY.get_sample_value("maildesk_connectors_certificate_expiry_timestamp_seconds", labels)
            assert ends is not None
            assert ends > time.time()
            await stranger.close()
            await trusted.close()


async def test_a_refused_login_and_a_port_without_tls_say_what_to_do(dovecot: DovecotServer) -> None:
    for changes, code in (
        ({"username": "nobody"}, "pop3-login"),
        ({"port": 1}, "pop3-connect"),
        ({"security": "tls"}, "pop3-tls"),
        ({"security": "starttls"}, "pop3-connect"),
        ({"host": "no-such-host.invalid", "security": "tls"}, "pop3-connect"),
    ):
        mailbox = opened(account(speaking_pop3(dovecot), **changes), dovecot)
        with pytest.raises(TargetDownError) as down:
            await fetched(mailbox)
        assert down.value.code == code
        assert dovecot.users["bert"] not in down.value.text
        await mailbox.close()


async def test_a_restart_between_two_looks_is_not_noticed(tmp_path: Path) -> None:
    with running_dovecot(tmp_path) as running:
        rig = Pop3Rig(emptied(speaking_pop3(running)))
        rig.deliver(raw := mail())
        mailbox = rig.open()
        [message] = await fetched(mailbox)
        running.restart()
        assert await mailbox.read(message.uri) == raw
        running.stop()
        with pytest.raises(TargetDownError):
            await fetched(mailbox)
        running.start()
        assert [m.uri for m in await fetched(mailbox)] == [message.uri]
        await mailbox.close()


async def test_a_token_opens_the_account_and_a_fresh_one_when_that_has_ended(
    tmp_path: Path, server: TokenServer, folder: Path
) -> None:
    introspection = f"{server.url}/introspect"
    with running_dovecot(tmp_path, mechanisms=("xoauth2",), introspection=introspection) as running:
        secrets = SecretFolder(folder)
        box = account(speaking_pop3(running), username="anna", password=None, oauth=oauth_of(server))
        mailbox = open_mailbox(box, secrets, timeouts=Timeouts(5, 20), tokens=Tokens(secrets, FakeClock()))
        assert await fetched(mailbox) == []
        server.access.clear()  # taken back by the provider before its time
        assert await fetched(mailbox) == []
        assert len(server.forms) == 2
        server.user = "bert"
        with pytest.raises(TargetDownError, match=r"'anna' with|'anna':.*authorize sales") as refused:
            await fetched(mailbox)
        assert refused.value.code == "pop3-login"
        assert silent(refused.value.text)
        await mailbox.close()
