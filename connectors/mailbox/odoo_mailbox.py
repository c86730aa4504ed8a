# ruff: noqa: ARG002 - what Odoo does not have is refused whatever the arguments are
"""A mailbox that Odoo hosts. Reading asks Odoo and changes nothing there; star, tags and read mark are set there."""

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import date
from typing import Final, NoReturn

from connectors.mailbox.changes import Change, Changed, StarChange
from connectors.mailbox.each_alone import EachAlone
from connectors.mailbox.limits import ReadLimits
from connectors.mailbox.news import TellsNothing
from connectors.mailbox.odoo_halving import letters_of
from connectors.mailbox.odoo_letter import as_mail
from connectors.mailbox.odoo_listing import MESSAGE
from connectors.mailbox.odoo_marks import gone, set_seen, set_starred
from connectors.mailbox.odoo_people import contacts_of
from connectors.mailbox.odoo_places import places
from connectors.mailbox.odoo_scan import OdooHost, OdooScan
from connectors.mailbox.odoo_sides import FOLDERS, SENT_FOLDER, side_of
from connectors.mailbox.odoo_tags import change_tags
from connectors.mailbox.odoo_uri import OdooUri
from connectors.mailbox.port import Batch, FolderMissingError, Place, ReadOnlyError, Reference
from runtime.clock import Clock
from runtime.errors import InvalidInputError, MaildeskError, PermanentError, TransientError
from schemas.odoo_source import OdooSource

_IDENT: Final = re.compile(r"<[^<>\s]+>")


class OdooMailbox(EachAlone, TellsNothing):
    """See MailboxConnection. Two folders: INBOX, what arrived, and Sent. `host` None: every call says what to set."""

    def __init__(
        self, mailbox: str, source: OdooSource, host: OdooHost | None, clock: Clock, *, limits: ReadLimits | None = None
    ) -> None:
        self._mailbox = mailbox
        self._source = source
        self._host = host
        self._limits = limits or ReadLimits()
        self._looks = OdooScan(source, clock, self._limits)
        self._contacts: dict[tuple[str, ...], tuple[int, ...]] = {}

    async def folders(self) -> list[str]:
        """See MailboxConnection."""
        return list(FOLDERS)

    def scan(self, folder: str, cursor: str | None) -> AsyncIterator[Batch]:
        """See MailboxConnection."""
        host = self._reach()
        self._check(folder)
        return self._looks.batches(host, folder, cursor)

    def places(self, folder: str, since: date | None = None) -> AsyncIterator[list[Place]]:
        """See MailboxConnection."""
        host = self._reach()
        self._check(folder)
        return places(host, self._source, folder, since)

    async def read(self, uri: str) -> bytes:
        """See MailboxConnection; made from the record as it is now."""
        place, host = self._place(uri), self._reach()
        domain = [*side_of(SENT_FOLDER), ["id", "=", place.message]]
        sent = bool(await host.odoo.search_read(MESSAGE, domain, ["id"], limit=1))
        letters = await letters_of(host.odoo, [place.message], sent=sent)
        if not letters:
            raise gone(place)
        if letters[0].lost:
            raise TransientError(f"{place}: {letters[0].lost}", code="odoo-unreadable")
        return as_mail(letters[0], sent=sent)[: self._limits.max_size]

    async def locate(self, reference: Reference) -> str:
        """See MailboxConnection. An id is never used twice, so it is the message, unless another database came in its
        place: then the Message-ID differs. Its text may have been edited since."""
        (found,) = await self.locate_many([reference])
        if isinstance(found, MaildeskError):
            raise found
        return found

    async def locate_many(self, references: Sequence[Reference]) -> list[str | MaildeskError]:
        """See MailboxConnection; one call for all."""
        places = [self._place_if_any(reference.uri) for reference in references]
        ids = sorted({place.message for place in places if isinstance(place, OdooUri)})
        rows = await self._reach().odoo.search_read(MESSAGE, [["id", "in", ids]], ["message_id"], limit=len(ids) or 1)
        idents = {int(row["id"]): str(row["message_id"] or "").strip() for row in rows}
        return [
            _found(place, reference, idents) if isinstance(place, OdooUri) else place
            for place, reference in zip(places, references, strict=True)
        ]

    async def change_many(
        self, change: Change, places: Sequence[tuple[Reference, str]]
    ) -> list[Changed | MaildeskError]:
        """See MailboxConnection. Stars are set together; where Odoo refuses that, each alone."""
        if isinstance(change, StarChange) and len(places) > 1:
            try:
                return await self._star([uri for _, uri in places], starred=change.starred)
            except PermanentError:
                pass
        return await super().change_many(change, places)

    async def change_tags(self, uri: str, add: tuple[str, ...], remove: tuple[str, ...]) -> Changed:
        """See odoo_tags."""
        place = self._place(uri)
        return await change_tags(self._reach().odoo, place, add, remove)

    async def set_starred(self, uri: str, starred: bool) -> Changed:
        """For the users that the source names, else the API user."""
        (answer,) = await self._star([uri], starred=starred)
        if isinstance(answer, MaildeskError):
            raise answer
        return answer

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

    def _check(self, folder: str) -> None:
        if folder not in FOLDERS:
            raise FolderMissingError(
                f"mailbox {self._mailbox} lies in Odoo and has no folder {folder!r}, only {', '.join(FOLDERS)}"
            )

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

    def _place_if_any(self, uri: str) -> OdooUri | MaildeskError:
        try:
            return self._place(uri)
        except InvalidInputError as error:
            return error

    async def _star(self, uris: Sequence[str], *, starred: bool) -> list[Changed | MaildeskError]:
        places, host = [self._place(uri) for uri in uris], self._reach()
        contacts = await self._contacts_of(self._source.star_for or (host.login,))
        was = await set_starred(host.odoo, [place.message for place in places], contacts, starred=starred)
        return [
            Changed(str(place), was=was[place.message]) if place.message in was else gone(place) for place in places
        ]

    async def _contacts_of(self, logins: tuple[str, ...]) -> tuple[int, ...]:
        if logins not in self._contacts:
            self._contacts[logins] = await contacts_of(self._reach().odoo, logins)
        return self._contacts[logins]

    def _no_folders(self) -> NoReturn:
        raise ReadOnlyError("Odoo keeps messages on records and has no folders", code="no-folders")


def _found(place: OdooUri, reference: Reference, idents: Mapping[int, str]) -> str | MaildeskError:
    """Another Message-ID is another message; ids that no mail should have may have been cleaned, and prove nothing."""
    if place.message not in idents:
        return gone(place)
    known, found = reference.message_id or "", idents[place.message]
    if _IDENT.fullmatch(known) and _IDENT.fullmatch(found) and known != found:
        return gone(place)
    return str(place)
