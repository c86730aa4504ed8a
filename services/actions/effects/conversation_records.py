"""One record for a conversation: a mail makes it, the next ones are notes on it.

Records and notes are created by `load` under an external id made from the idempotency key, so that a repeat finds
what an earlier attempt made, whatever became of it (Odoo: unique (module, name) of `ir.model.data`).
"""

from abc import abstractmethod
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import ClassVar

from connectors.odoo.port import Cell, Json, Loaded, Refused
from runtime.errors import MaildeskError
from schemas.command import ActionCommand
from schemas.ids import external_id, message_id
from schemas.result import Produced
from services.actions.effects.existing_records import find_existing
from services.actions.effects.odoo_text import as_html, from_line, subject_line
from services.actions.effects.on_odoo import OdooEffect, refusal
from services.actions.effects.port import LastingError, NotKnownError
from services.actions.effects.record_claims import record_subjects
from services.actions.effects.undo_on_odoo import archive
from services.actions.model import Job
from services.actions.undone import Acted

NOTE = "mail.message"
NOTE_FIELDS = ("id", "message_id", "model", "res_id", "message_type", "subtype_id/id", "email_from", "subject", "body")
CONTEXT = {"tracking_disable": True, "mail_create_nosubscribe": True, "mail_create_nolog": True}


class ConversationRecords(OdooEffect):
    """An effect that makes records of one model."""

    undone = "the record is archived while nobody has touched it; a note stays"
    model: ClassVar[str]
    app: ClassVar[str]
    noun: ClassVar[str]
    closing: ClassVar[tuple[str, ...]]
    """Fields of the model's stages of which the first that exists says that a record is closed."""

    @abstractmethod
    def values(self, job: Job, fields: Mapping[str, Json]) -> dict[str, Cell]:
        """Column of `load` → cell; a column that is left out gets Odoo's default."""

    @abstractmethod
    def intent(self, job: Job) -> str:
        """One sentence: what would be created."""

    def record_subjects(self, command: ActionCommand) -> tuple[str, ...]:
        return record_subjects(self._site.database, self.model, command.event)

    async def plan(self, job: Job) -> Produced:
        fields = await self._site.fields(self.model, self.app)
        (existing,) = await find_existing(self._site.odoo, self.model, fields, self.closing, [job])
        if existing is not None:
            return self._produced(existing, f"would note the mail on the conversation's {self.noun}", reused=True)
        return Produced(text=self.intent(job))

    async def find(self, job: Job) -> Produced | None:
        name, note = self._external(job), _note_external(job)
        found = await self._site.odoo.resolve_external_ids([name, note])
        if name in found:
            return self._produced(found[name][1], "created")
        if note in found:
            rows = await self._site.odoo.search_read(NOTE, [["id", "=", found[note][1]]], ["res_id"], limit=1)
            return self._noted(int(rows[0]["res_id"])) if rows else None
        return None

    async def do(self, jobs: Sequence[Job]) -> list[Produced | MaildeskError]:
        fields = await self._site.fields(self.model, self.app)
        existing = await find_existing(self._site.odoo, self.model, fields, self.closing, jobs)
        answers: dict[int, Produced | MaildeskError] = {}
        groups: dict[tuple[str, ...], list[tuple[int, list[Cell]]]] = defaultdict(list)
        noted: list[tuple[int, int]] = []
        for index, (job, record) in enumerate(zip(jobs, existing, strict=True)):
            if record is not None:
                noted.append((index, record))
            else:
                values = {"id": self._external(job), **self.values(job, fields)}
                groups[tuple(values)].append((index, list(values.values())))
        for columns, rows in groups.items():
            results = await self._load(self.model, columns, [row for _, row in rows])
            answers |= {index: self._created(result) for (index, _), result in zip(rows, results, strict=True)}
        results = await self._load(NOTE, NOTE_FIELDS, [self._note_row(jobs[index], record) for index, record in noted])
        for (index, record), result in zip(noted, results, strict=True):
            answers[index] = self._noted(record) if isinstance(result, Loaded) else _refused(result)
        return [answers[index] for index in range(len(jobs))]

    async def undo(self, job: Job, acted: Acted, *, dry_run: bool) -> Produced:
        made = acted.produced
        if made.model != self.model or not made.res_id or "reused" not in made.details:
            raise NotKnownError(f"which {self.noun} it made was not written down")
        if made.details["reused"]:
            raise LastingError(f"the note on {self.noun} {made.res_id} stays")
        fields = await self._site.fields(self.model, self.app)
        again = job.attempt > 1
        await archive(self._site.odoo, fields, self.model, made.res_id, again=again, dry_run=dry_run)
        verb = "would archive" if dry_run else "archived"
        return self._site.record(self.model, made.res_id, f"{verb}: {self.noun} {made.res_id}")

    async def _load(
        self, model: str, columns: Sequence[str], rows: Sequence[Sequence[Cell]]
    ) -> Sequence[Loaded | Refused | MaildeskError]:
        """What fails as a whole fails for these rows only: others may have been made already."""
        try:
            return (await self._site.odoo.load(model, columns, rows, context=CONTEXT)).results
        except MaildeskError as error:
            return [error] * len(rows)

    def _created(self, result: Loaded | Refused | MaildeskError) -> Produced | MaildeskError:
        return self._produced(result.id, "created") if isinstance(result, Loaded) else _refused(result)

    def _noted(self, record: int) -> Produced:
        return self._produced(record, f"noted on the conversation's {self.noun}", reused=True)

    def _produced(self, record: int, text: str, *, reused: bool = False) -> Produced:
        return self._site.record(self.model, record, f"{text}: {self.noun} {record}", reused=reused)

    def _external(self, job: Job) -> str:
        return external_id(self.model, str(job.row.key))

    def _note_row(self, job: Job, record: int) -> list[Cell]:
        event, key = job.command.event, str(job.row.key)
        head: list[Cell] = [_note_external(job), message_id(self.type, key), self.model, record, "email"]
        return [*head, "mail.mt_note", from_line(event), subject_line(event.subject), as_html(event.excerpt)]


def _note_external(job: Job) -> str:
    return external_id(NOTE, str(job.row.key))


def _refused(result: Refused | MaildeskError) -> MaildeskError:
    return refusal(result) if isinstance(result, Refused) else result
