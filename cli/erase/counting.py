"""What an erasure would empty."""

from uuid import UUID

from cli.erase.status import SQL
from runtime.postgres import Database
from schemas.erasure import ErasureKey
from services.ingest.erasing.matching import addresses_of


async def count(database: Database, key: ErasureKey, address: str) -> dict[str, int]:
    """Rows by table, of the events that name the address."""
    digest, last = key.digest(address), UUID(int=0)
    counts = {"ingest.event": 0}
    while rows := await database.fetch(SQL["events"], last):
        last = rows[-1]["event_id"]
        mine = [row["event_id"] for row in rows if digest in {key.digest(each) for each in addresses_of(row["value"])}]
        counts["ingest.event"] += len(mine)
        others = await database.fetchrow(SQL["counts"], mine)
        assert others is not None, "counting gives a row"
        for name, number in others.items():
            counts[name] = counts.get(name, 0) + int(number)
    return counts
