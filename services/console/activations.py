"""When rules were switched on, told from their revisions."""

from collections.abc import Sequence

from runtime.postgres import Session
from runtime.queries import load_queries

_QUERIES = load_queries("services.console")


async def activations(session: Session, rules: Sequence[str]) -> dict[str, int]:
    """The revision with which each was last switched on: the first one, or one after it was off or deleted.

    An edit of a rule that stays on is none. A rule that was never on is left out.
    """
    rows = await session.fetch(_QUERIES["activations"], list(rules)) if rules else []
    return {row["id"]: int(row["revision"]) for row in rows}
