# ruff: noqa: ARG002 - what Odoo does not have is refused whatever the arguments are
"""A mailbox that Odoo hosts. Reading asks Odoo and changes nothing there; star, tags and read mark are set there."""

import re
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, NoReturn

from connectors.mailbox.changes import Changed
from connectors.mailbox.each_alone import EachAlone
from connectors.mailbox.hosted import Hosted
from connectors.mailbox.limits import ReadLimits
from connectors.mailbox.odoo_letter import as_mail
from connectors.mailbox.odoo_listing import MESSAGE, listed
from connectors.mailbox.odoo_marks import gone, set_seen, set_starred
from connectors.mailbox.odoo_people import contacts_of
from connectors.mailbox.odoo_reading import Letter, read_letters, written_by_us
from connectors.mailbox.odoo_sides import FOLDERS, SENT_FOLDER, side_of
from connectors.mailbox.odoo_tags import change_tags
from connectors.mailbox.odoo_uri import OdooUri
from connectors.mailbox.odoo_window import Row, Window, moment
from connectors.mailbox.port import Batch, Fetched, FolderMissingError, Position, ReadOnlyError, Reference
from connectors.odoo.port import Odoo
from runtime.clock import Clock
from runtime.errors import PermanentError
from schemas.domain import plain
from schemas.ids import is_own_message_id
from schemas.mail import NotKept
from schemas.odoo_source import OdooSource

THOROUGH_SECONDS: Final = 60.0
_IDENT: Final = re.compile(r"<[^<>\s]+>")


@dataclass(frozen=True, slots=True)
class OdooHost:
    """The Odoo that a service speaks to; its client is the service's, and closed by it."""

    odoo: Odoo
    database: str
    login: str


@dataclass(slots=True)
class _Pass:
    """What a connection remembers of a folder from one look to the next.

    `handled`: messages above the cursor that were handed over and dealt with; they are not read again.
    """

    handled: set[int]
    looked_behind: float = float("-inf")


class OdooMailbox(EachAlone):
    """See MailboxConnection. Two folders: INBOX, what arrived, and Sent. `host` None: every call says what to set."""

    def __init__(
        self, mailbox: str, source: OdooSource, host: OdooHost | None, clock: Clock, *, limits: ReadLimits | None = None
    ) -> None:
        self._mailbox = mailbox
        self._source = source
        self._host = host
        self._clock = clock
        self._limits = limits or ReadLimits()
        self._passes = {folder: _Pass(set()) for folder in FOLDERS}
        self._contacts: dict[tuple[str, ...], tuple[int, ...]] = {}

    async def folders(self) -> list[str]:
        """See MailboxConnection."""
        return list(FOLDERS)

    async def scan(self, folder: str, cursor: str | None) -> AsyncIterator[Batch]:
        """See MailboxConnection. What may still be incomplete is looked through each time, and read once."""
        host, past = self._reach(), self._pass_of(folder)
        overlap = timedelta(seconds=self._source.overlap)
        window = Window.resume(cursor, host.database, overlap, self._clock.now())
        past.handled = {each for each in past.handled if each > window.settled}
        now = self._clock.monotonic()
        thorough = now - past.looked_behind >= THOROUGH_SECONDS
        last = window.cursor
        async for page in listed(host.odoo, self._domain(folder), window.settled, thorough=thorough):
            for start in range(0, len(page), self._limits.batch_messages):
                rows = page[start : start + self._limits.batch_messages]
                fresh = [row.id for row in rows if row.id not in past.handled]
                for part, passed in self._parts(rows, await self._fetched(folder, fresh)):
                    for row in passed:
                        window.pass_by(row)
                    if part or window.cursor != last:
                        last = window.cursor
                        yield Batch(part, last)
                    past.handled.update(row.id for row in passed)
        past.looked_behind = now if thorough else past.looked_behind

    async def read(self, uri: str) -> bytes:
        """See MailboxConnection; made from the record as it is now."""
        place, host = self._place(uri), self._reach()
        domain = [*side_of(SENT_FOLDER), ["id", "=", place.message]]
        sent = bool(await host.odoo.search_read(MESSAGE, domain, ["id"], limit=1))
        letters = await read_letters(host.odoo, [place.message], sent=sent)
        if not letters:
            raise gone(place)
        return as_mail(letters[0], sent=sent)[: self._limits.max_size]

    async def locate(self, reference: Reference) -> str:
        """See MailboxConnection. An id is never used twice, so it is the message, unless another database came in its
        place: then the Message-ID differs. Its text may have been edited since."""
        place = self._place(reference.uri)
        rows = await self._reach().odoo.search_read(MESSAGE, [["id", "=", place.message]], ["message_id"], limit=1)
        if not rows:
            raise gone(place)
        known, found = reference.message_id or "", str(rows[0]["message_id"] or "").strip()
        if _IDENT.fullmatch(known) and _IDENT.fullmatch(found) and known != found:
            raise gone(place)
        return str(place)

    async def change_tags(self, uri: str, add: tuple[str, ...], remove: tuple[str, ...]) -> Changed:
        """See odoo_tags."""
        place = self._place(uri)
        return await change_tags(self._reach().odoo, place, add, remove)

    async def set_starred(self, uri: str, starred: bool) -> Changed:
        """For the users that the source names, else the API user."""
        place, host = self._place(uri), self._reach()
        contacts = await self._contacts_of(self._source.star_for or (host.login,))
        return Changed(uri, was=await set_starred(host.odoo, place, contacts, starred=starred))

    async def set_seen(self, uri: str, seen: bool) -> Changed:
        """Of the API user's notification. Raises ReadOnlyError (`not-notified`)."""
        place, host = self._place(uri), self._reach()
        (contact,) = await self._contacts_of((host.login,))
        return Changed(uri, was=await set_seen(host.odoo, place, contact, seen=seen))

    async def move(self, reference: Reference, uri: str, folder: str) -> str:
        """Raises ReadOnlyError."""
        self._no_folders()

    async def find_copy(self, folder: str, message_id: str) -> str | None:
        """Raises ReadOnlyError: nothing of ours was ever put there."""
        self._no_folders()

    async def append(self, folder: str, raw: bytes, message_id: str) -> str:
        """Raises ReadOnlyError."""
        self._no_folders()

    async def close(self) -> None:
        """The client is the service's."""

    def _reach(self) -> OdooHost:
        if self._host is None:
            raise PermanentError(
                f"mailbox {self._mailbox} lies in Odoo, and no Odoo is configured; set MAILDESK_ODOO_URL, _DB and "
                "_LOGIN and the secret ODOO_PASSWORD",
                code="odoo-not-configured",
            )
        return self._host

    def _place(self, uri: str) -> OdooUri:
        return OdooUri.parse(uri, self._reach().database)

    def _pass_of(self, folder: str) -> _Pass:
        if folder not in self._passes:
            raise FolderMissingError(
                f"mailbox {self._mailbox} lies in Odoo and has no folder {folder!r}, only {', '.join(FOLDERS)}"
            )
        return self._passes[folder]

    def _domain(self, folder: str) -> list[object]:
        return [*plain(self._source.domain), *side_of(folder)]

    async def _contacts_of(self, logins: tuple[str, ...]) -> tuple[int, ...]:
        if logins not in self._contacts:
            self._contacts[logins] = await contacts_of(self._reach().odoo, logins)
        return self._contacts[logins]

    async def _fetched(self, folder: str, ids: list[int]) -> list[Fetched]:
        if not ids:
            return []
        sent = folder == SENT_FOLDER
        odoo = self._reach().odoo
        letters = await read_letters(odoo, ids, sent=sent)
        ours = await written_by_us(odoo, [letter.id for letter in letters])
        return [
            self._message(folder, letter, sent=sent)
            for letter in letters
            if letter.id not in ours and not is_own_message_id(str(letter.row["message_id"] or ""))
        ]

    def _message(self, folder: str, letter: Letter, *, sent: bool) -> Fetched:
        database = self._reach().database
        raw, place = as_mail(letter, sent=sent), OdooUri(database, letter.id)
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
            Position(folder, database, str(letter.id)),
            str(place),
            raw[: self._limits.max_size],
            len(raw),
            moment(letter.row.get("create_date")),
            hosted=hosted,
        )

    def _parts(self, rows: list[Row], messages: list[Fetched]) -> Iterable[tuple[tuple[Fetched, ...], list[Row]]]:
        """The messages in groups of bounded bytes, each with the rows that are dealt with when it is."""
        groups = list(self._limits.groups(messages, lambda message: message.size)) or [[]]
        waiting = list(rows)
        for number, group in enumerate(groups):
            final = number == len(groups) - 1
            ends = rows[-1].id if final else int(group[-1].position.uid)
            passed = [row for row in waiting if row.id <= ends]
            waiting = waiting[len(passed) :]
            yield tuple(group), passed

    def _no_folders(self) -> NoReturn:
        raise ReadOnlyError("Odoo keeps messages on records and has no folders", code="no-folders")
