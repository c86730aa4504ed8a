"""What only the real client has: lines that are secured, logins, time-outs, dots."""

import asyncio
import contextlib
import socket
import ssl
import time
from pathlib import Path

import pytest
from prometheus_client import REGISTRY

from connectors.smtp.client import SmtpClient, open_smtp
from runtime.errors import MaildeskError, TargetDownError
from tests.contract.smtp.conftest import QUICK, box
from tests.contract.smtp.test_sending import FROM, TO, send
from tests.servers.smtp import PASSWORD, USER, SmtpServer, running_smtp

CERTIFICATE = "maildesk_connectors_certificate_expiry_timestamp_seconds"


def client(port: int, trust: ssl.SSLContext | None = None, secret: str = PASSWORD, **outgoing: object) -> SmtpClient:
    return open_smtp(box(port, **outgoing), lambda _: secret, timeouts=QUICK, ssl_context=trust)


async def refused(given: SmtpClient) -> MaildeskError:
    with pytest.raises(TargetDownError) as raised:
        await send(given)
    assert PASSWORD not in raised.value.text
    return raised.value


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_a_secured_line_with_a_login(tmp_path: Path, security: str) -> None:
    with running_smtp(tmp_path, security=security, login=True) as server:
        login = {"security": security, "username": USER, "password": "SMTP"}
        await send(client(server.port, server.trust(), host="localhost", **login))
        assert (len(server.taken), server.logins) == (1, [USER])
        ends = REGISTRY.get_sample_value(CERTIFICATE, {"mailbox": box(1).id, "protocol": "smtp"})
        assert ends is not None
        assert ends > time.time()


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_a_certificate_that_is_not_trusted_gets_neither_password_nor_mail(tmp_path: Path, security: str) -> None:
    with running_smtp(tmp_path, security=security, login=True) as server:
        error = await refused(client(server.port, security=security, username=USER, password="SMTP"))
        assert (error.code, server.taken, server.logins) == ("smtp-tls", [], [])
        assert "SSL_CERT_FILE" in error.text


async def test_a_certificate_for_another_name_is_not_trusted(tmp_path: Path) -> None:
    with running_smtp(tmp_path, security="starttls") as server:
        error = await refused(client(server.port, server.trust(), host="127.0.0.2", security="starttls"))
        assert error.code in ("smtp-tls", "smtp-connect")
        assert server.taken == []


async def test_a_server_without_starttls_gets_nothing() -> None:
    with running_smtp() as server:
        error = await refused(client(server.port, security="starttls"))
        assert (error.code, server.taken) == ("smtp-tls", [])
        assert "does not offer STARTTLS" in error.text


async def test_tls_where_there_is_none_and_none_where_there_is_tls(tmp_path: Path) -> None:
    with running_smtp() as server:
        assert (await refused(client(server.port, security="tls"))).code in ("smtp-tls", "smtp-connect")
    with running_smtp(tmp_path, security="tls") as server:
        assert (await refused(client(server.port))).code == "smtp-connect"


async def test_a_wrong_password_and_a_login_that_is_missing_or_not_offered() -> None:
    with running_smtp(login=True) as server:
        wrong = await refused(client(server.port, secret="wrong", username=USER, password="SMTP"))
        assert wrong.code == "smtp-login"
        missing = await refused(client(server.port))
        assert missing.code == "smtp-login"
        assert "username" in missing.text
    with running_smtp() as server:
        none = await refused(client(server.port, username=USER, password="SMTP"))
        assert (none.code, "no login" in none.text) == ("smtp-login", True)


async def test_nobody_listens() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        error = await refused(client(probe.getsockname()[1]))
    assert error.code == "smtp-connect"


async def test_a_server_that_never_greets_costs_the_time_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        given = open_smtp(
            box(listener.getsockname()[1]), lambda _: "", timeouts=type(QUICK)(connect=0.3, command=0.3, message=0.3)
        )
        began = time.monotonic()
        await refused(given)
        assert time.monotonic() - began < 5


async def test_one_that_is_cancelled_in_the_middle_has_its_line_cut() -> None:
    with running_smtp() as server:
        server.trouble = "silent at recipient"
        given = open_smtp(box(server.port), lambda _: "", timeouts=type(QUICK)(connect=5, command=60, message=60))
        began = time.monotonic()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0.5):
                await given.prepare(FROM, TO)
        await given.close()
        assert time.monotonic() - began < 5
        assert server.taken == []


@pytest.mark.parametrize(
    ("message", "arrives"),
    [
        (b"a\r\n.\r\nb\r\n", b"a\r\n.\r\nb\r\n"),
        (b".\r\n.\r\n", b".\r\n.\r\n"),
        (b"a\n.b\rc", b"a\r\n.b\r\nc\r\n"),
        (b"\r\n", b"\r\n"),
        (b"a\r\n.\r\nMAIL FROM:<x@y>\r\n", b"a\r\n.\r\nMAIL FROM:<x@y>\r\n"),
    ],
)
async def test_no_line_of_a_message_ends_it(message: bytes, arrives: bytes) -> None:
    with running_smtp() as server:
        await send(client(server.port), message)
        assert [taken.message for taken in server.taken] == [arrives]


def test_the_server_of_the_tests_is_real() -> None:
    with running_smtp() as server, socket.create_connection(("127.0.0.1", server.port), 5) as line:
        assert isinstance(server, SmtpServer)
        assert line.recv(4) == b"220 "
