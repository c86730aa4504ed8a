"""Up to where messages of Odoo are surely complete: what a cursor may say.

Postgres gives a message its id when it is inserted and shows it to others when its transaction commits, so a lower id
may appear after a higher one. A transaction lives at most as long as Odoo lets a call run (`limit_time_real`, T), and
`create_date` is when it began. An id below that of a message created at c was given before c + T, by a transaction
that has ended by c + 2 T. So what was created longer than `overlap` >= 2 T ago has nothing new below it.

Now is the newest `create_date` seen, so that the clocks of Odoo and of this machine need not agree. Where nothing new
comes, this machine's clock counts too, less an hour in which they may differ, so that the window empties.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import quote

CLOCKS_DIFFER: Final = timedelta(hours=1)
_FORM: Final = re.compile(r"(\d{1,18})@(.+)", re.ASCII)
_MOMENT: Final = "%Y-%m-%d %H:%M:%S"


@dataclass(frozen=True, slots=True)
class Row:
    """A message that Odoo lists, and when the transaction that made it began."""

    id: int
    created: datetime


class Window:
    """One pass over messages in the order of their ids. `settled`: the id up to which nothing can appear any more."""

    def __init__(self, database: str, settled: int, overlap: timedelta, now: datetime) -> None:
        self._database = database
        self._overlap = overlap
        self._newest = now - CLOCKS_DIFFER
        self._latest = datetime.min.replace(tzinfo=UTC)
        self._open: list[tuple[int, datetime]] = []
        self.settled = settled

    @classmethod
    def resume(cls, cursor: str | None, database: str, overlap: timedelta, now: datetime) -> "Window":
        """From where an earlier pass ended; a cursor of another database or of another kind of source is none."""
        found = _FORM.fullmatch(cursor or "")
        known = found is not None and found[2] == quote(database, safe="")
        return cls(database, int(found[1]) if found is not None and known else 0, overlap, now)

    @property
    def cursor(self) -> str:
        """What to resume from."""
        return f"{self.settled}@{quote(self._database, safe='')}"

    def pass_by(self, row: Row) -> None:
        """The message was handled, or had been before. A message with an old date among newer ones proves nothing."""
        self._latest = max(self._latest, row.created)
        self._newest = max(self._newest, row.created)
        self._open.append((row.id, self._latest))
        ended = self._newest - self._overlap
        done = 0
        while done < len(self._open) and self._open[done][1] <= ended:
            self.settled = self._open[done][0]
            done += 1
        del self._open[:done]


def moment(text: object) -> datetime | None:
    """A datetime as Odoo writes it, in UTC; None for anything else."""
    try:
        return datetime.strptime(str(text)[:19], _MOMENT).replace(tzinfo=UTC)
    except ValueError:
        return None
