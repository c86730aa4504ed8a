"""Mail in the chatter of Odoo records, as Odoo's own gateway shows it; but nobody is notified.

A message of type `email` under the mail's Message-ID, by which Odoo finds the record when somebody answers. Messages
and attachments are loaded under external ids made from the idempotency key, so that a repeat adds what is missing.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from connectors.odoo.errors import usable_without
from connectors.odoo.port import Loaded, Refused
from connectors.odoo.senders import find_partners
from runtime.errors import MaildeskError, PermanentError
from services.actions.effects.chatter_rows import (
    ATTACHMENT,
    COLUMNS,
    FILE_COLUMNS,
    MESSAGE,
    SLOW,
    Placing,
    Shown,
    excerpt_shown,
    file_row,
    instead_shown,
    message_row,
    whole_shown,
)
from services.actions.effects.loaded_rows import QUIET, RowAnswer, load_rows
from services.actions.effects.mail_contents import Content, MailContents, Unread
from services.actions.effects.odoo_site import OdooSite
from services.actions.effects.on_odoo import refusal
from services.actions.effects.whole_mail import WholeMail

FILES_AT_ONCE = 50
PLAIN = {**QUIET, "attachments_mime_plainxml": True}
"""As Odoo's gateway does: what a browser would run as a page of Odoo becomes text."""


@dataclass(frozen=True, slots=True)
class Placed:
    """The message in `mail.message`; 0 where Odoo takes none. `text` says what is missing, if anything."""

    message: int
    attachments: tuple[int, ...] = ()
    text: str = ""


Answer = Placed | MaildeskError


class Chatter:
    """Puts mails on records. Without `contents` whole mails cannot be read here."""

    def __init__(self, site: OdooSite, contents: MailContents | None) -> None:
        self._site = site
        self._contents = contents

    async def put(self, given: Sequence[Placing]) -> list[Answer]:
        """One answer each, in order."""
        if not given:
            return []
        try:
            shown = await self._shown(given)
            authors = await self._authors(given)
            fields = await self._site.odoo.fields_get(MESSAGE)
        except MaildeskError as error:
            return [error] * len(given)
        extra = [name for name in SLOW if name in fields and not fields[name].get("readonly")]
        return await self._load(given, shown, authors, extra)

    async def _shown(self, given: Sequence[Placing]) -> dict[int, Shown | MaildeskError]:
        found: dict[int, Shown | MaildeskError] = {
            index: excerpt_shown(each.job.command.event) for index, each in enumerate(given) if not each.whole
        }
        whole = [index for index, each in enumerate(given) if each.whole]
        if self._contents is None:
            unread = Unread("cannot be read here")
            return found | {index: whole_shown(given[index].job.command.event, unread, {}) for index in whole}
        async for portion in self._contents.portions([given[index].job for index in whole]):
            found |= await self._with_files(given, {whole[place]: content for place, content in portion})
        return found

    async def _with_files(
        self, given: Sequence[Placing], contents: dict[int, Content]
    ) -> dict[int, Shown | MaildeskError]:
        whole = {index: content for index, content in contents.items() if isinstance(content, WholeMail)}
        keys = [(index, number) for index, content in whole.items() for number in range(len(content.files))]
        rows = [file_row(given[index], number, whole[index].files[number]) for index, number in keys]
        results: list[RowAnswer] = []
        for start in range(0, len(rows), FILES_AT_ONCE):
            part = rows[start : start + FILES_AT_ONCE]
            results += await load_rows(self._site.odoo, ATTACHMENT, FILE_COLUMNS, part, PLAIN)
        found: dict[int, Shown | MaildeskError] = {}
        for index, content in contents.items():
            mine = {n: result for (i, n), result in zip(keys, results, strict=True) if i == index}
            failed = [result for result in mine.values() if isinstance(result, MaildeskError)]
            ids = {number: result.id for number, result in mine.items() if isinstance(result, Loaded)}
            if isinstance(content, MaildeskError) or failed:
                found[index] = content if isinstance(content, MaildeskError) else failed[0]
            else:
                found[index] = whole_shown(given[index].job.command.event, content, ids)
        return found

    async def _authors(self, given: Sequence[Placing]) -> dict[str, int]:
        senders = {each.job.command.event.sender for each in given}
        try:
            return await find_partners(self._site.odoo, {sender.address for sender in senders if sender})
        except PermanentError as error:
            usable_without(error)
            return {}

    async def _load(
        self,
        given: Sequence[Placing],
        shown: dict[int, Shown | MaildeskError],
        authors: dict[str, int],
        extra: Sequence[str],
    ) -> list[Answer]:
        answers: dict[int, Answer] = {i: each for i, each in shown.items() if isinstance(each, MaildeskError)}
        ready = {index: each for index, each in shown.items() if isinstance(each, Shown)}
        for last in (False, True):
            rows = [message_row(given[index], each, authors, extra) for index, each in ready.items()]
            results = await load_rows(self._site.odoo, MESSAGE, (*COLUMNS, *extra), rows, QUIET)
            refused: dict[int, Shown] = {}
            for (index, each), result in zip(ready.items(), results, strict=True):
                if isinstance(result, Loaded):
                    answers[index] = Placed(result.id, each.attachments, each.text)
                elif isinstance(result, MaildeskError):
                    answers[index] = result
                elif last:
                    answers[index] = Placed(0, each.attachments, refusal(result).text)
                else:
                    refused[index] = _plainer(given[index], each, result)
            ready = refused
        return [answers[index] for index in range(len(given))]


def _plainer(placing: Placing, shown: Shown, refused: Refused) -> Shown:
    """What Odoo may take where it did not take the mail as it is."""
    return instead_shown(placing.job.command.event, refusal(refused).text, shown.attachments)
