"""Mail of an erased address that is read for the first time after it was erased: an event without content."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from runtime.errors import TransientError
from runtime.postgres import Session
from runtime.queries import load_queries
from schemas.erasure import SECRET, ErasureKey
from schemas.redaction import ERASED
from services.ingest.erasing.matching import digest_among, people_of
from services.ingest.model import Prepared
from services.ingest.parse.parsed import ParsedMail

_SQL = load_queries("services.ingest.erasing")


async def in_force(session: Session, key: ErasureKey | None) -> dict[str, datetime]:
    """What is to be forgotten, by digest, and since when. Raises TransientError where that cannot be told without the
    key: mail waits for it.
    """
    rows = await session.fetch(_SQL["in_force"])
    if rows and (key is None or any(row["key_check"] != key.check for row in rows)):
        raise TransientError(
            f"addresses were erased, and the secret {SECRET} that this was done with is missing or another one: "
            "no mail is recorded until it is there",
            code="erasure-key",
        )
    return {row["digest"]: row["requested_at"] for row in rows}


def late_ones(
    mails: Sequence[Prepared], key: ErasureKey, asked: Mapping[str, datetime], now: datetime
) -> dict[UUID, str]:
    """The events among them that are to have no content, with whose digest."""
    found = ((mail, digest_among(people_of(mail), key, asked, mail.internal_date or now)) for mail in mails)
    return {mail.event_id: digest for mail, digest in found if digest is not None}


def emptied(mail: Prepared) -> Prepared:
    """Where it lies and its digests; the ledger learns nothing from it."""
    return replace(
        mail,
        mail=ParsedMail(defects=(ERASED,)),
        content=mail.content.model_copy(update={"uri": ""}),
        odoo=None,
        thread="",
    )


async def note_erased(session: Session, events: Mapping[UUID, str]) -> None:
    """The other services are told of them with the next page."""
    await session.execute(_SQL["note_erased"], list(events.keys()), list(events.values()))
