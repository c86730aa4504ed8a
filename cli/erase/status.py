"""How far an erasure is, service by service."""

import json
from typing import Any

from runtime.errors import InvalidInputError
from runtime.postgres import Database, Row
from runtime.queries import load_queries

SQL = load_queries("cli.erase")


async def status_of(database: Database, digest: str) -> dict[str, Any]:
    """Raises InvalidInputError when nobody asked for it."""
    row = await database.fetchrow(SQL["status"], digest)
    if row is None:
        raise InvalidInputError("nobody asked for this address to be erased, or it was with another ERASURE_KEY")
    pages, searched = row["pages"] or 0, bool(row["searched"])
    services = {
        "ingest": {"done": searched, "pages": pages, "rows": _rows(row["ingest_rows"])},
        "actions": _follower(row, "actions", pages),
        "audit": _follower(row, "audit", pages),
    }
    return {
        "requested_at": row["requested_at"].isoformat(),
        "published": row["published"],
        "events": row["events"],
        "services": services,
        "done": searched and all(each["done"] for each in services.values()),
    }


def _follower(row: Row, service: str, of: int) -> dict[str, Any]:
    """It has nothing to do where there is no page."""
    pages, done = row[f"{service}_pages"] or 0, bool(row[f"{service}_done"])
    return {"done": pages >= of and (done or not of), "pages": pages, "rows": _rows(row[f"{service}_rows"])}


def _rows(found: str | None) -> dict[str, int]:
    return {} if found is None else {str(name): int(number) for name, number in json.loads(found).items()}
