"""Requests to erase an address: written down, then published. Only digests are kept."""

from datetime import datetime

from runtime.postgres import Database, Row
from runtime.queries import load_queries
from schemas.erasure import ErasureRequested
from services.console.outbox import Sink
from services.console.records import change

_QUERIES = load_queries("services.console")


async def ask(database: Database, digest: str, key_check: str, author: str, now: datetime) -> None:
    """Asked for once more, it is about what came since as well."""
    await database.execute(_QUERIES["ask_erasure"], digest, key_check, now, author)


async def publish_erasures(database: Database, sink: Sink, *, again: bool = False) -> int:
    """What is not published yet, or all to a broker that is new; returns how many. Repeating it changes nothing."""
    rows = await database.fetch(_QUERIES["erasures"], again)
    if rows:
        await sink.send_all([change(_request(row)) for row in rows])
        await database.execute(
            _QUERIES["mark_erasures"], [row["digest"] for row in rows], [row["requested_at"] for row in rows]
        )
    return len(rows)


def _request(row: Row) -> ErasureRequested:
    return ErasureRequested(digest=row["digest"], key_check=row["key_check"], requested_at=row["requested_at"])
