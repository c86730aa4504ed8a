"""The rigs as fixtures; one Dovecot serves a whole module, each test gets an empty account."""

import contextlib
import itertools
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from connectors.mailbox.port import MailboxConnection
from tests.contract.mailbox.rigs import EmlRig, FakeRig, ImapRig, MaildirRig, MboxRig, Pop3Rig, Rig
from tests.servers.dovecot import DovecotServer, running_dovecot

_USERS = itertools.cycle(("anna", "bert", "carl"))


@pytest.fixture(scope="module")
def dovecot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DovecotServer]:
    """A server that offers MOVE and UIDPLUS."""
    with running_dovecot(tmp_path_factory.mktemp("dovecot")) as server:
        yield server


def emptied(server: DovecotServer) -> ImapRig:
    """A rig on an account without mail."""
    rig = ImapRig(server, next(_USERS))
    with rig.admin() as admin:
        for _, _, name in admin.list_folders():
            admin.select_folder(name)
            if uids := admin.search():
                admin.delete_messages(uids)
                admin.expunge()
            admin.unselect_folder()
            if name != "INBOX":
                admin.delete_folder(name)
    return ImapRig(server, rig.user)


def _rig(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Rig:
    if kind == "imap":
        return emptied(request.getfixturevalue("dovecot"))
    if kind == "pop3":
        return Pop3Rig(emptied(request.getfixturevalue("dovecot")))
    makers: dict[str, Callable[[], Rig]] = {
        "fake": FakeRig,
        "maildir": lambda: MaildirRig(tmp_path / "Maildir"),
        "mbox": lambda: MboxRig(tmp_path / "mail.mbox"),
        "eml": lambda: EmlRig(tmp_path / "eml"),
    }
    return makers[kind]()


@pytest.fixture(params=["fake", "maildir", "imap"])
def rig(request: pytest.FixtureRequest, tmp_path: Path) -> Rig:
    """A mailbox that can be changed."""
    return _rig(request.param, request, tmp_path)


@pytest.fixture(params=["fake", "maildir", "imap", "mbox", "eml", "pop3"])
def readable(request: pytest.FixtureRequest, tmp_path: Path) -> Rig:
    """Every kind of mailbox."""
    return _rig(request.param, request, tmp_path)


@contextlib.asynccontextmanager
async def opened(rig: Rig) -> AsyncIterator[MailboxConnection]:
    """A connection that is closed at the end."""
    connection = rig.open()
    try:
        yield connection
    finally:
        await connection.close()


@pytest.fixture
async def mailbox(rig: Rig) -> AsyncIterator[MailboxConnection]:
    """The changeable mailbox, open."""
    async with opened(rig) as connection:
        yield connection
