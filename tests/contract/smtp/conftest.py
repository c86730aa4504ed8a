"""Each test runs on the fake and on a real server."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from connectors.smtp.client import open_smtp
from connectors.smtp.fake import FakeSmtpServer
from connectors.smtp.login import SmtpTimeouts
from connectors.smtp.port import SmtpConnection
from schemas.mailbox import Mailbox
from tests.servers.smtp import PASSWORD, USER, SmtpServer, running_smtp

QUICK = SmtpTimeouts(connect=5.0, command=1.0, message=1.0)


def box(port: int, **outgoing: object) -> Mailbox:
    """A mailbox that sends by a server on this machine."""
    facts = {"host": "127.0.0.1", "port": port, "security": "none", "address": "support@company.example", **outgoing}
    return Mailbox.model_validate({"id": "test", "source": {"kind": "maildir", "path": "/x"}, "outgoing": facts})


@dataclass
class Rig:
    """A server and the way to it."""

    server: SmtpServer | FakeSmtpServer
    connect: Callable[[], SmtpConnection]


@pytest.fixture(params=["fake", "real"])
def rig(request: pytest.FixtureRequest) -> Iterator[Rig]:
    """The server of this round."""
    if request.param == "fake":
        fake = FakeSmtpServer()
        yield Rig(fake, fake.connect)
        return
    with running_smtp(login=True) as server:
        made = box(server.port, username=USER, password="SMTP")
        yield Rig(server, lambda: open_smtp(made, lambda _: PASSWORD, timeouts=QUICK))
