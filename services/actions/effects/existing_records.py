"""The record that a conversation has already, and whether an action may use it again.

Ours comes first, then the newest that Odoo's own gateway or a user made of it, as `mail.message` knows the ids that
the mail names. A record that was deleted is none.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connectors.odoo.port import Json, Odoo
from schemas.ids import external_id
from schemas.odoo_action import CrmLeadAction, HelpdeskTicketAction, MailShown, Reuse
from services.actions.clean import clean_text
from services.actions.model import Job

MAX_REFERENCES = 50
MAX_MESSAGES = 5_000
MAX_STAGES = 500
MAX_GENERATIONS = 20


@dataclass(frozen=True, slots=True)
class KnownMessage:
    """A message in `mail.message` that is on a record."""

    id: int
    model: str
    record: int


Known = Mapping[str, Sequence[KnownMessage]]
"""Message-ID → the messages that have it."""


async def find_messages(odoo: Odoo, jobs: Sequence[Job]) -> Known:
    """What Odoo has of the jobs' mails, and of the mails that those name."""
    idents = {ident for job in jobs for ident in _references(job)}
    if not idents:
        return {}
    domain = [("message_id", "in", sorted(idents)), ("model", "!=", False), ("res_id", "!=", 0)]
    asked = ["message_id", "model", "res_id"]
    found: dict[str, list[KnownMessage]] = defaultdict(list)
    for row in await odoo.search_read("mail.message", domain, asked, limit=MAX_MESSAGES, order="id"):
        message = KnownMessage(int(row["id"]), str(row["model"]), int(row["res_id"]))
        found[str(row["message_id"])].append(message)
    return found


async def find_earlier(odoo: Odoo, model: str, jobs: Sequence[Job]) -> set[int]:
    """The records that the jobs' earlier generations made. One that was taken back is not found by its own mail."""
    keys = [
        job.row.key._replace(generation=generation)
        for job in jobs
        for generation in range(max(0, job.row.key.generation - MAX_GENERATIONS), job.row.key.generation)
    ]
    if not keys:
        return set()
    found = await odoo.resolve_external_ids([external_id(model, str(key)) for key in keys])
    return {record for kind, record in found.values() if kind == model}


async def find_existing(
    odoo: Odoo, model: str, fields: Mapping[str, Json], closing: Sequence[str], known: Known, jobs: Sequence[Job]
) -> list[int | None]:
    """For each job the record to note its mail on. `closing`: see ConversationRecords."""
    earlier = await find_earlier(odoo, model, jobs)
    by_message = {
        ident: message.record
        for ident, messages in known.items()
        for message in messages
        if message.model == model and message.record not in earlier
    }
    wanted = [_candidates(job, model, by_message) if reuse_of(job) != "never" else [] for job in jobs]
    usable = await _open_or_not(odoo, model, fields, closing, {record for each in wanted for record in each})
    found: list[int | None] = []
    for job, candidates in zip(jobs, wanted, strict=True):
        fit = (each for each in candidates if each in usable and (reuse_of(job) == "any" or usable[each]))
        found.append(next(fit, None))
    return found


def reuse_of(job: Job) -> Reuse:
    """What the job's action says."""
    return _action(job).reuse


def mail_of(job: Job) -> MailShown:
    """What of the mail its action wants in the chatter. One that lies in Odoo is there already and never copied."""
    return "none" if job.command.event.hosted is not None else _action(job).mail


def own_ident(job: Job) -> str | None:
    """The mail's Message-ID as Odoo would have it; None: it has none."""
    return clean_text(ident) if (ident := job.command.event.message_id) else None


def _action(job: Job) -> CrmLeadAction | HelpdeskTicketAction:
    action = job.command.step.action
    assert isinstance(action, CrmLeadAction | HelpdeskTicketAction)
    return action


def _candidates(job: Job, model: str, by_message: Mapping[str, int]) -> list[int]:
    existing = job.existing
    ours = [existing.res_id] if existing is not None and existing.model == model and existing.res_id else []
    theirs = {by_message[ident] for ident in _references(job) if ident in by_message}
    return [*ours, *sorted(theirs, reverse=True)]


def _references(job: Job) -> list[str]:
    """The conversation as the mail names it, and the mail itself: Odoo's own gateway may have got it too."""
    event = job.command.event
    named = [*event.references, *event.in_reply_to][-MAX_REFERENCES:] if reuse_of(job) != "never" else []
    return [clean_text(name) for name in (*named, event.message_id or "") if name]


async def _open_or_not(
    odoo: Odoo, model: str, fields: Mapping[str, Json], closing: Sequence[str], records: set[int]
) -> dict[int, bool]:
    """Those that exist, and whether they are open: not archived, and in no stage that closes."""
    if not records:
        return {}
    domain: list[Any] = [("id", "in", sorted(records))]
    asked = [name for name in ("active", "stage_id") if name in fields]
    if "active" in fields:
        domain.append(("active", "in", [True, False]))
    closed = await _closing_stages(odoo, fields, closing)
    rows = await odoo.search_read(model, domain, asked, limit=len(records))
    return {int(row["id"]): bool(row.get("active", True)) and _stage(row) not in closed for row in rows}


async def _closing_stages(odoo: Odoo, fields: Mapping[str, Json], closing: Sequence[str]) -> set[int]:
    stages = fields.get("stage_id", {}).get("relation")
    if not stages:
        return set()
    has = await odoo.fields_get(stages)
    flag = next((name for name in closing if name in has), None)
    if flag is None:
        return set()
    return {int(row["id"]) for row in await odoo.search_read(stages, [[flag, "=", True]], ["id"], limit=MAX_STAGES)}


def _stage(row: Json) -> int:
    stage = row.get("stage_id")
    return int(stage[0]) if stage else 0
