"""One record for a conversation: a mail makes it, the next ones are added to it.

Records, messages and attachments are created by `load` under external ids made from the idempotency key, so that a
repeat finds what an earlier attempt made, whatever became of it (Odoo: unique (module, name) of `ir.model.data`).
"""

from abc import abstractmethod
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from connectors.odoo.port import Cell, Json, Loaded
from runtime.errors import MaildeskError, PermanentError
from schemas.command import ActionCommand
from schemas.ids import external_id, message_id
from schemas.result import Produced
from services.actions.connections import Connections
from services.actions.effects.chatter import Chatter, Placed
from services.actions.effects.chatter_rows import MESSAGE, Placing, external_message
from services.actions.effects.existing_records import Known, find_existing, find_messages, mail_of, own_ident
from services.actions.effects.loaded_rows import QUIET, RowAnswer, load_rows
from services.actions.effects.mail_contents import ATTEMPTS, MailContents
from services.actions.effects.odoo_site import OdooSite
from services.actions.effects.odoo_text import as_html, from_line, subject_line
from services.actions.effects.on_odoo import OdooEffect, refusal
from services.actions.effects.port import LastingError, NotKnownError
from services.actions.effects.record_claims import record_subjects
from services.actions.effects.undo_on_mailbox import AS_BEFORE, NOTHING
from services.actions.effects.undo_on_odoo import archive
from services.actions.model import Job
from services.actions.undone import Acted

NOTE_FIELDS = ("id", "message_id", "model", "res_id", "message_type", "subtype_id/id", "email_from", "subject", "body")
MAX_IDENT = 500
"""Characters of a Message-ID: Odoo keeps an index of them, which takes no more than 2,704 bytes."""
MAX_WHY = 300
"""Characters of Odoo's own words in a result."""


@dataclass(frozen=True, slots=True)
class _On:
    """The record that a job's mail belongs to; `reused`: it was there before."""

    record: int
    reused: bool


class ConversationRecords(OdooEffect):
    """An effect that makes records of one model. Without `connections` whole mails cannot be read.

    `attempts`: how many a command has at most.
    """

    batch = 100
    seconds = 150.0
    undone = "the record is archived while nobody has touched it; a note that it wrote stays"
    model: ClassVar[str]
    app: ClassVar[str]
    noun: ClassVar[str]
    closing: ClassVar[tuple[str, ...]]
    """Fields of the model's stages of which the first that exists says that a record is closed."""

    def __init__(self, site: OdooSite, connections: Connections | None = None, attempts: int = ATTEMPTS) -> None:
        super().__init__(site)
        self._chatter = Chatter(site, None if connections is None else MailContents(connections, attempts))

    @abstractmethod
    def values(self, job: Job, fields: Mapping[str, Json]) -> dict[str, Cell]:
        """Column of `load` → cell; a column that is left out gets Odoo's default."""

    @abstractmethod
    def title(self, job: Job) -> str:
        """What a record that is made of the job's mail is named."""

    @abstractmethod
    def intent(self, job: Job) -> str:
        """One sentence: what would be created."""

    def record_subjects(self, command: ActionCommand) -> tuple[str, ...]:
        return record_subjects(self._site.database, self.model, command.event)

    async def plan(self, job: Job) -> Produced:
        fields = await self._site.fields(self.model, self.app)
        known = await find_messages(self._site.odoo, [job])
        (existing,) = await find_existing(self._site.odoo, self.model, fields, self.closing, known, [job])
        if existing is not None:
            return self._produced(existing, f"would note the mail on the conversation's {self.noun}", reused=True)
        return Produced(text=self.intent(job))

    async def find(self, job: Job) -> Produced | None:
        """A record without the mail that belongs in its chatter is not all of it."""
        name, message = self._external(job), external_message(job)
        found = await self._site.odoo.resolve_external_ids([name, message])
        shown = found[message][1] if message in found else 0
        if name in found:
            on = _On(found[name][1], reused=False)
            if mail_of(job) != "none" and not shown:
                shown = self._there(job, on, await find_messages(self._site.odoo, [job]))
                if not shown:
                    return None
            return self._placed(on, Placed(shown))
        if shown:
            rows = await self._site.odoo.search_read(MESSAGE, [["id", "=", shown]], ["res_id"], limit=1)
            return self._placed(_On(int(rows[0]["res_id"]), reused=True), Placed(shown)) if rows else None
        return None

    async def do(self, jobs: Sequence[Job]) -> list[Produced | MaildeskError]:
        fields = await self._site.fields(self.model, self.app)
        known = await find_messages(self._site.odoo, jobs)
        existing = await find_existing(self._site.odoo, self.model, fields, self.closing, known, jobs)
        made = await self._made_before(jobs, known)
        answers: dict[int, Produced | MaildeskError] = {}
        on: dict[int, _On] = {}
        fresh: list[int] = []
        for index, record in enumerate(existing):
            if index in made or record is not None:
                on[index] = _On(made[index], reused=False) if index in made else _On(record or 0, reused=True)
            else:
                fresh.append(index)
        for index, result in (await self._create(jobs, fresh, fields)).items():
            if isinstance(result, Loaded):
                on[index] = _On(result.id, reused=False)
            else:
                answers[index] = _refused(result)
        answers |= await self._show(jobs, on, known)
        return [answers[index] for index in range(len(jobs))]

    async def undo(self, job: Job, acted: Acted, *, dry_run: bool) -> Produced:
        made = acted.produced
        if made.model != self.model or not made.res_id or "reused" not in made.details:
            raise NotKnownError(f"which {self.noun} it made was not written down")
        if made.details["reused"]:
            return await self._undo_note(job, made)
        fields = await self._site.fields(self.model, self.app)
        again = job.attempt > 1
        await archive(self._site.odoo, fields, self.model, made.res_id, again=again, dry_run=dry_run)
        verb = "would archive" if dry_run else "archived"
        return self._site.record(self.model, made.res_id, f"{verb}: {self.noun} {made.res_id}")

    async def _undo_note(self, job: Job, made: Produced) -> Produced:
        """What it wrote has an external id of its own. Without a model, the record goes on being the claim's."""
        own, shown = external_message(job), made.details.get("message", 0)
        if made.details.get("attachments") or own in await self._site.odoo.resolve_external_ids([own]):
            raise LastingError(f"the note on {self.noun} {made.res_id} stays")
        there = await self._site.odoo.search_read(MESSAGE, [["id", "=", shown]], ["id"], limit=1) if shown else []
        return Produced(text=AS_BEFORE if shown and not there else NOTHING)

    async def _made_before(self, jobs: Sequence[Job], known: Known) -> dict[int, int]:
        """The records of earlier attempts that went no further, so that they are not taken for other ones."""
        doubtful = [index for index, job in enumerate(jobs) if job.tried or (own_ident(job) or "") in known]
        names = {self._external(jobs[index]): index for index in doubtful}
        if not names:
            return {}
        found = await self._site.odoo.resolve_external_ids(list(names))
        return {names[name]: record for name, (model, record) in found.items() if model == self.model}

    async def _create(
        self, jobs: Sequence[Job], fresh: Sequence[int], fields: Mapping[str, Json]
    ) -> dict[int, RowAnswer]:
        groups: dict[tuple[str, ...], list[tuple[int, list[Cell]]]] = defaultdict(list)
        for index in fresh:
            values = {"id": self._external(jobs[index]), **self.values(jobs[index], fields)}
            groups[tuple(values)].append((index, list(values.values())))
        answers: dict[int, RowAnswer] = {}
        for columns, rows in groups.items():
            results = await load_rows(self._site.odoo, self.model, columns, [row for _, row in rows], QUIET)
            answers |= {index: result for (index, _), result in zip(rows, results, strict=True)}
        return answers

    async def _show(
        self, jobs: Sequence[Job], on: Mapping[int, _On], known: Known
    ) -> dict[int, Produced | MaildeskError]:
        """Put the mails on their records, as each action wants it."""
        answers: dict[int, Produced | MaildeskError] = {}
        noted: list[int] = []
        placing: dict[int, Placing] = {}
        taken = set(known)
        for index, each in on.items():
            job = jobs[index]
            if job.command.event.hosted is not None and (own := self._there(job, each, known)):
                answers[index] = self._placed(each, Placed(own), "has the mail already")
            elif mail_of(job) == "none" and each.reused:
                noted.append(index)
            elif mail_of(job) == "none":
                answers[index] = self._placed(each, Placed(0))
            elif there := self._there(job, each, known):
                answers[index] = self._placed(each, Placed(there), "has the mail already" if each.reused else "created")
            else:
                placing[index] = self._placing(job, each, taken)
        rows = [self._note_row(jobs[index], on[index].record) for index in noted]
        notes = await load_rows(self._site.odoo, MESSAGE, NOTE_FIELDS, rows, QUIET)
        for index, note in zip(noted, notes, strict=True):
            answers[index] = self._placed(on[index], Placed(note.id)) if isinstance(note, Loaded) else _refused(note)
        for index, placed in zip(placing, await self._chatter.put(list(placing.values())), strict=True):
            answers[index] = self._put(on[index], placed)
        return answers

    def _put(self, on: _On, placed: Placed | MaildeskError) -> Produced | MaildeskError:
        """A record is what the action is for: one that was made without its message must not end as failed."""
        if isinstance(placed, Placed):
            return self._placed(on, placed)
        if on.reused or not isinstance(placed, PermanentError):
            return placed
        why = " ".join(placed.text.split())[:MAX_WHY]
        lacking = f"; its chatter lacks the mail ({placed.code}): {why}"
        return self._produced(on.record, "created", lacking, reused=False, lacking=placed.code)

    def _placing(self, job: Job, on: _On, taken: set[str]) -> Placing:
        """One message in Odoo has the mail's own Message-ID: an answer to it goes on belonging to one record."""
        ident = own_ident(job)
        if ident is None or ident in taken or ident != job.command.event.message_id or len(ident) > MAX_IDENT:
            ident = message_id(self.type, str(job.row.key))
        taken.add(ident)
        return Placing(job, self.model, on.record, self.title(job), ident, mail_of(job) == "full")

    def _there(self, job: Job, on: _On, known: Known) -> int:
        """The message of this very mail on this record, whoever put it there; 0: none."""
        messages = known.get(own_ident(job) or "", ())
        return next((each.id for each in messages if (each.model, each.record) == (self.model, on.record)), 0)

    def _placed(self, on: _On, placed: Placed, text: str = "") -> Produced:
        verb = text or (f"noted on the conversation's {self.noun}" if on.reused else "created")
        missing = f"; {placed.text}" if placed.text else ""
        made: dict[str, object] = {"message": placed.message} if placed.message else {}
        if placed.attachments:
            made["attachments"] = list(placed.attachments)
        return self._produced(on.record, verb, missing, reused=on.reused, **made)

    def _produced(self, record: int, text: str, missing: str = "", **details: object) -> Produced:
        return self._site.record(self.model, record, f"{text}: {self.noun} {record}{missing}", **details)

    def _external(self, job: Job) -> str:
        return external_id(self.model, str(job.row.key))

    def _note_row(self, job: Job, record: int) -> list[Cell]:
        event, key = job.command.event, str(job.row.key)
        head: list[Cell] = [external_message(job), message_id(self.type, key), self.model, record, "email"]
        return [*head, "mail.mt_note", from_line(event), subject_line(event.subject), as_html(event.excerpt)]


def _refused(result: RowAnswer) -> MaildeskError:
    assert not isinstance(result, Loaded)
    return result if isinstance(result, MaildeskError) else refusal(result)
