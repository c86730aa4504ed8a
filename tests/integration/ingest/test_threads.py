"""Guesses by the subject on a real ledger: across batches and processes, bounded in time, without the subject."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from connectors.mailbox.fake import FakeMailbox
from runtime.postgres import Database
from schemas.mail import MailArrived
from services.ingest.conversations import Knowledge
from services.ingest.store import Ledger
from tests.integration.ingest.parts import Broker, desk, migrated


def written(number: int, subject: str, sender: str = "anna@example.org") -> bytes:
    return (
        f"Message-ID: <{number}@example.org>\nFrom: {sender}\nTo: info@firma.example\nSubject: {subject}\n"
        f"Date: Mon, 2 Nov 2026 10:00:00 +0100\n\nThank you and kind regards for the offer {number}\n"
    ).encode()


async def test_an_answer_is_joined_in_a_later_batch(database: Database) -> None:
    box, broker, ledger = FakeMailbox("info"), Broker(), Ledger(await migrated(database))
    box.deliver(written(1, "Offer 7"))
    box.deliver(written(2, "Offer 7", "bert@example.org"))
    await desk(ledger, broker, box).reader.look()
    box.deliver(written(3, "AW: offer 7"))
    box.deliver(written(4, "Re: Offer 7", "carl@example.org"))
    await desk(ledger, broker, box).reader.look()
    anna, bert, answer, carl = (MailArrived.model_validate_json(record.value or b"") for record in broker.records)
    assert (answer.conversation, answer.conversation_by) == (anna.conversation, "subject-guess")
    assert (carl.conversation_by, anna.language) == ("new", "en")
    assert len({anna.conversation, bert.conversation, carl.conversation}) == 3
    rows = await database.fetch("SELECT t::text AS row FROM ingest.subject_stem AS t")
    assert len(rows) == 3
    assert not any("offer" in row["row"].casefold() or "example.org" in row["row"] for row in rows)


async def test_what_a_guess_may_no_longer_look_at_is_deleted(database: Database) -> None:
    ledger = Ledger(await migrated(database))
    began = datetime(2026, 11, 2, tzinfo=UTC)
    for number, days in enumerate((0, 59, 61)):
        now = began + timedelta(days=days)
        async with ledger.unit("info", now) as unit:
            await unit.learn(Knowledge(learnt_stems={(UUID(int=number), UUID(int=9)): now}))
    kept = await database.fetch("SELECT stem FROM ingest.subject_stem ORDER BY stem")
    assert [row["stem"].int for row in kept] == [1, 2]


async def test_a_conversation_that_goes_on_after_months_is_kept(database: Database) -> None:
    ledger = Ledger(await migrated(database))
    began = datetime(2026, 11, 2, tzinfo=UTC)
    for days in (0, 100, 90):
        now = began + timedelta(days=days)
        async with ledger.unit("info", now) as unit:
            await unit.learn(Knowledge(learnt_stems={(UUID(int=1), UUID(int=9)): now}))
    (kept,) = await database.fetch("SELECT last_at FROM ingest.subject_stem")
    assert kept["last_at"] == began + timedelta(days=100)
