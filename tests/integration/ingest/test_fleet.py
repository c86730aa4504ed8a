"""Several mailboxes in one process: one that is down, one that comes, one that goes, one that changes."""

from collections.abc import AsyncIterator

from connectors.mailbox.fake import FakeMailbox
from connectors.mailbox.port import Batch
from runtime.backoff import Backoff
from runtime.clock import SystemClock
from runtime.health import Health
from runtime.postgres import Database
from schemas.mailbox import EmlSource, Mailbox
from services.ingest.fleet import Fleet
from services.ingest.handlers import BatchHandler
from services.ingest.parse.mail import parse_mail
from services.ingest.publisher import Relay
from services.ingest.reader import Reading
from services.ingest.status import StatusBoard
from services.ingest.store import Ledger
from tests.integration.ingest.parts import Broker, migrated, no_facts, numbered, until


def mailbox(name: str, path: str = "/mail", *, automation: bool = True) -> Mailbox:
    return Mailbox(id=name, source=EmlSource(kind="eml", path=path), automation=automation)


class Accounts:
    """Fake accounts by mailbox id, and how often each was opened and closed."""

    def __init__(self, *names: str) -> None:
        self.boxes = {name: FakeMailbox(name) for name in names}
        self.opened: list[tuple[str, str]] = []

    def open(self, wanted: Mailbox) -> FakeMailbox:
        assert isinstance(wanted.source, EmlSource)
        self.opened.append((wanted.id, wanted.source.path))
        return self.boxes[wanted.id]


async def test_mailboxes_come_go_change_and_fail_apart(database: Database) -> None:
    ledger, broker, clock, health = Ledger(await migrated(database)), Broker(), SystemClock(), Health()
    relay = Relay(ledger, broker, clock)
    handler = BatchHandler(ledger, relay, parse_mail, no_facts(clock), clock)
    backoff = Backoff(first=0.01, longest=0.05)
    reading = Reading(handler, relay, ledger, StatusBoard(health), clock, poll=0.02, backoff=backoff)
    accounts = Accounts("info", "sales", "down")
    accounts.boxes["down"].faults.down = True
    fleet = Fleet(accounts.open, reading)
    facts = health.facts["mailboxes"]

    await fleet.apply({name: mailbox(name) for name in ("info", "down")})
    accounts.boxes["info"].deliver(numbered(1))
    await until(lambda: facts["info"]["scanned_once"] and facts["down"]["state"] == "down" and len(broker.records) == 1)
    assert not health.report()["ready"]

    accounts.boxes["down"].faults.down = False
    accounts.boxes["down"].deliver(numbered(2))
    await until(lambda: facts["down"]["scanned_once"] and len(broker.records) == 2)
    assert health.report()["ready"]

    await fleet.apply({"info": mailbox("info", automation=False), "sales": mailbox("sales")})
    await until(lambda: facts["sales"]["scanned_once"])
    assert set(facts) == {"info", "sales"}
    assert accounts.opened == [("info", "/mail"), ("down", "/mail"), ("sales", "/mail")], "a switch restarts nothing"

    await fleet.apply({"info": mailbox("info", "/other"), "sales": mailbox("sales")})
    await until(lambda: accounts.opened[-1] == ("info", "/other") and facts["info"]["scanned_once"])
    await fleet.close()
    assert facts == {}
    assert len(broker.records) == 2


async def test_a_reader_that_meets_a_bug_goes_on(database: Database) -> None:
    class Buggy(FakeMailbox):
        failed = False

        def scan(self, folder: str, cursor: str | None) -> AsyncIterator[Batch]:
            if not self.failed:
                self.failed = True
                raise ZeroDivisionError
            return super().scan(folder, cursor)

    ledger, broker, clock, health = Ledger(await migrated(database)), Broker(), SystemClock(), Health()
    relay = Relay(ledger, broker, clock)
    backoff = Backoff(first=0.01, longest=0.05)
    handler = BatchHandler(ledger, relay, parse_mail, no_facts(clock), clock)
    reading = Reading(handler, relay, ledger, StatusBoard(health), clock, poll=0.02, backoff=backoff)
    box = Buggy("info")
    box.deliver(numbered(1))
    fleet = Fleet(lambda _: box, reading)
    await fleet.apply({"info": mailbox("info")})
    await until(lambda: len(broker.records) == 1)
    await fleet.close()
