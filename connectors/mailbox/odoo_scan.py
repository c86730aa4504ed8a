"""Reading what is new of a mailbox that Odoo hosts: listed by id, read once, handed over in bounded batches."""

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from connectors.mailbox.hosted import Hosted
from connectors.mailbox.limits import ReadLimits
from connectors.mailbox.odoo_halving import letters_of
from connectors.mailbox.odoo_letter import as_mail
from connectors.mailbox.odoo_listing import listed
from connectors.mailbox.odoo_reading import Letter, written_by_us
from connectors.mailbox.odoo_sides import FOLDERS, SENT_FOLDER, side_of
from connectors.mailbox.odoo_uri import OdooUri
from connectors.mailbox.odoo_window import Row, Window, moment
from connectors.mailbox.port import Batch, Fetched, Position, Unreadable
from connectors.odoo.port import Odoo
from runtime.clock import Clock
from schemas.domain import plain
from schemas.ids import is_own_message_id
from schemas.mail import NotKept
from schemas.odoo_source import OdooSource

THOROUGH_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True)
class OdooHost:
    """The Odoo that a service speaks to; its client is the service's, and closed by it."""

    odoo: Odoo
    database: str
    login: str


@dataclass(slots=True)
class _Past:
    """What is remembered of a folder from one look to the next.

    `handled`: messages above the cursor that were handed over and dealt with; they are not read again.
    """

    handled: set[int]
    looked_behind: float = float("-inf")


class OdooScan:
    """The looks of one connection. What may still be incomplete is looked through each time, and read once."""

    def __init__(self, source: OdooSource, clock: Clock, limits: ReadLimits) -> None:
        self._source = source
        self._clock = clock
        self._limits = limits
        self._past = {folder: _Past(set()) for folder in FOLDERS}

    async def batches(self, host: OdooHost, folder: str, cursor: str | None) -> AsyncIterator[Batch]:
        """See MailboxConnection.scan. `folder`: one of FOLDERS."""
        past, overlap = self._past[folder], timedelta(seconds=self._source.overlap)
        window = Window.resume(cursor, host.database, overlap, self._clock.now())
        past.handled = {each for each in past.handled if each > window.settled}
        now = self._clock.monotonic()
        thorough = now - past.looked_behind >= THOROUGH_SECONDS
        domain = [*plain(self._source.domain), *side_of(folder)]
        last = window.cursor
        async for page in listed(host.odoo, domain, window.settled, thorough=thorough):
            for start in range(0, len(page), self._limits.batch_messages):
                rows = page[start : start + self._limits.batch_messages]
                fresh = [row.id for row in rows if row.id not in past.handled]
                for part, passed in self._parts(rows, await self._fetched(host, folder, fresh)):
                    for row in passed:
                        window.pass_by(row)
                    if part or window.cursor != last:
                        last = window.cursor
                        yield Batch(part, last)
                    past.handled.update(row.id for row in passed)
        past.looked_behind = now if thorough else past.looked_behind

    async def _fetched(self, host: OdooHost, folder: str, ids: list[int]) -> list[Fetched | Unreadable]:
        if not ids:
            return []
        sent = folder == SENT_FOLDER
        letters = await letters_of(host.odoo, ids, sent=sent)
        ours = await written_by_us(host.odoo, [letter.id for letter in letters])
        return [
            self._message(host.database, folder, letter, sent=sent)
            for letter in letters
            if letter.id not in ours and not is_own_message_id(str(letter.row["message_id"] or ""))
        ]

    def _message(self, database: str, folder: str, letter: Letter, *, sent: bool) -> Fetched | Unreadable:
        place, position = OdooUri(database, letter.id), Position(folder, database, str(letter.id))
        if letter.lost:
            return Unreadable(position, str(place), letter.lost)
        raw = as_mail(letter, sent=sent)
        model, record = letter.row["model"] or "", letter.row["res_id"] or 0
        not_kept: tuple[NotKept, ...] = ("headers",) if sent or letter.to_known else ("headers", "recipients")
        hosted = Hosted(
            identity=str(place),
            record=letter.id,
            thread=f"odoo:{database}:{model}:{record}" if model and record else "",
            files=letter.files,
            not_kept=not_kept,
        )
        return Fetched(
            position,
            str(place),
            raw[: self._limits.max_size],
            len(raw),
            moment(letter.row.get("create_date")),
            hosted=hosted,
        )

    def _parts(
        self, rows: list[Row], messages: list[Fetched | Unreadable]
    ) -> Iterable[tuple[tuple[Fetched | Unreadable, ...], list[Row]]]:
        """The messages in groups of bounded bytes, each with the rows that are dealt with when it is."""
        groups = list(self._limits.groups(messages, _size)) or [[]]
        waiting = list(rows)
        for number, group in enumerate(groups):
            final = number == len(groups) - 1
            ends = rows[-1].id if final else int(group[-1].position.uid)
            passed = [row for row in waiting if row.id <= ends]
            waiting = waiting[len(passed) :]
            yield tuple(group), passed


def _size(message: Fetched | Unreadable) -> int:
    return message.size if isinstance(message, Fetched) else 0
