"""`crm_lead`: a lead in Odoo from a mail, once; a conversation that has one gets a note on it instead.

Leads and notes are created by `load` under an external id made from the idempotency key, so that a repeat finds
what an earlier attempt made, whatever became of it (Odoo: unique (module, name) of `ir.model.data`).
"""

from collections.abc import Sequence

from connectors.odoo.port import Cell, Loaded, Refused
from runtime.errors import MaildeskError
from schemas.command import ActionCommand
from schemas.ids import external_id
from schemas.odoo_action import CrmLeadAction
from schemas.result import Produced
from services.actions.clean import clean_text
from services.actions.effects.odoo_text import as_html, from_line, subject_line, title_of
from services.actions.effects.on_odoo import OdooEffect, refusal
from services.actions.effects.record_claims import record_subjects
from services.actions.model import Job

MODEL = "crm.lead"
FIELDS = ("id", "name", "type", "email_from", "contact_name", "description", "team_id/.id", "user_id/.id")
NOTE_FIELDS = ("id", "model", "res_id", "message_type", "subtype_id/id", "email_from", "subject", "body")
CONTEXT = {"tracking_disable": True, "mail_create_nosubscribe": True, "mail_create_nolog": True}
MAX_REFERENCES = 50
MAX_MESSAGES = 5_000


class CrmLead(OdooEffect):
    """Creates leads in one Odoo database."""

    type = "crm_lead"

    def record_subjects(self, command: ActionCommand) -> tuple[str, ...]:
        return record_subjects(self._site.database, MODEL, command.event)

    async def plan(self, job: Job) -> Produced:
        await self._site.fields(MODEL, "CRM")
        existing = (await self._conversation_leads([job]))[0]
        if existing is not None:
            return self._produced(existing, "would note the mail on the conversation's lead")
        return Produced(text=f"would create a {_action(job).kind}: {_title(job)}")

    async def find(self, job: Job) -> Produced | None:
        name, note = _external(job), _note_external(job)
        found = await self._site.odoo.resolve_external_ids([name, note])
        if name in found:
            return self._produced(found[name][1], "created")
        if note in found and job.existing is not None:
            return self._produced(job.existing.res_id, "noted on the conversation's lead", reused=True)
        return None

    async def do(self, jobs: Sequence[Job]) -> list[Produced | MaildeskError]:
        await self._site.fields(MODEL, "CRM")
        existing = await self._conversation_leads(jobs)
        answers: dict[int, Produced | MaildeskError] = {}
        fresh = [index for index, lead in enumerate(existing) if lead is None]
        answers |= dict(zip(fresh, await self._create([jobs[index] for index in fresh]), strict=True))
        noted = [(index, lead) for index, lead in enumerate(existing) if lead is not None]
        answers |= dict(
            zip(
                [index for index, _ in noted],
                await self._note([(jobs[index], lead) for index, lead in noted]),
                strict=True,
            )
        )
        return [answers[index] for index in range(len(jobs))]

    async def _conversation_leads(self, jobs: Sequence[Job]) -> list[int | None]:
        """Per job the lead that its conversation has: ours, else one that Odoo's gateway made; deleted is none."""
        claimed = sorted({job.existing.res_id for job in jobs if job.existing is not None and job.existing.res_id})
        alive = await self._alive(claimed)
        found: list[int | None] = []
        by_message = await self._leads_by_message([reference for job in jobs for reference in _references(job)])
        for job in jobs:
            ours = job.existing.res_id if job.existing is not None else 0
            theirs = [by_message[reference] for reference in _references(job) if reference in by_message]
            found.append(ours if ours in alive else max(theirs, default=None))
        return found

    async def _alive(self, leads: Sequence[int]) -> set[int]:
        if not leads:
            return set()
        domain = [("id", "in", list(leads)), ("active", "in", [True, False])]
        return {int(row["id"]) for row in await self._site.odoo.search_read(MODEL, domain, ["id"], limit=len(leads))}

    async def _leads_by_message(self, references: Sequence[str]) -> dict[str, int]:
        """Message-ID to lead, as `mail.message` knows them."""
        if not references:
            return {}
        domain = [("message_id", "in", sorted(set(references))), ("model", "=", MODEL), ("res_id", "!=", 0)]
        fields = ["message_id", "res_id"]
        rows = await self._site.odoo.search_read("mail.message", domain, fields, limit=MAX_MESSAGES, order="id")
        return {str(row["message_id"]): int(row["res_id"]) for row in rows}

    async def _create(self, jobs: Sequence[Job]) -> list[Produced | MaildeskError]:
        if not jobs:
            return []
        try:
            outcome = await self._site.odoo.load(MODEL, FIELDS, [_lead_row(job) for job in jobs], context=CONTEXT)
        except MaildeskError as error:
            return [error] * len(jobs)
        return [self._answer(result, "created") for result in outcome.results]

    async def _note(self, noted: Sequence[tuple[Job, int]]) -> list[Produced | MaildeskError]:
        if not noted:
            return []
        rows = [_note_row(job, lead) for job, lead in noted]
        try:
            outcome = await self._site.odoo.load("mail.message", NOTE_FIELDS, rows, context=CONTEXT)
        except MaildeskError as error:
            return [error] * len(noted)
        answers: list[Produced | MaildeskError] = []
        for (_, lead), result in zip(noted, outcome.results, strict=True):
            if isinstance(result, Refused):
                answers.append(refusal(result))
            else:
                answers.append(self._produced(lead, "noted on the conversation's lead", reused=True))
        return answers

    def _answer(self, result: Loaded | Refused, text: str) -> Produced | MaildeskError:
        return refusal(result) if isinstance(result, Refused) else self._produced(result.id, text)

    def _produced(self, lead: int, text: str, *, reused: bool = False) -> Produced:
        return self._site.record(MODEL, lead, f"{text}: lead {lead}", reused=reused)


def _action(job: Job) -> CrmLeadAction:
    action = job.command.step.action
    assert isinstance(action, CrmLeadAction)
    return action


def _title(job: Job) -> str:
    return title_of(_action(job).name, job.command.event)


def _references(job: Job) -> list[str]:
    """The conversation as the mail names it, and the mail itself: Odoo's own gateway may have got it too."""
    event = job.command.event
    named = [*event.references, *event.in_reply_to][-MAX_REFERENCES:]
    return [clean_text(name) for name in (*named, event.message_id or "") if name]


def _external(job: Job) -> str:
    return external_id(MODEL, str(job.row.key))


def _note_external(job: Job) -> str:
    return external_id("mail.message", str(job.row.key))


def _lead_row(job: Job) -> list[Cell]:
    action, event = _action(job), job.command.event
    sender = event.sender
    return [
        _external(job),
        _title(job),
        action.kind,
        clean_text(sender.address) if sender else "",
        clean_text(sender.name) if sender else "",
        as_html(event.excerpt),
        str(action.team_id) if action.team_id else "",
        str(action.user_id) if action.user_id else "",
    ]


def _note_row(job: Job, lead: int) -> list[Cell]:
    event = job.command.event
    return [
        _note_external(job),
        MODEL,
        lead,
        "email",
        "mail.mt_note",
        from_line(event),
        subject_line(event.subject),
        as_html(event.excerpt),
    ]
