"""The record that a conversation has already, and whether an action may use it again.

Ours comes first, then the newest that Odoo's own gateway or a user made of it, as `mail.message` knows the ids that
the mail names. A record that was deleted is none.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.odoo.port import Json, Odoo
from schemas.odoo_action import CrmLeadAction, HelpdeskTicketAction, Reuse
from services.actions.clean import clean_text
from services.actions.model import Job

MAX_REFERENCES = 50
MAX_MESSAGES = 5_000
MAX_STAGES = 500


async def find_existing(
    odoo: Odoo, model: str, fields: Mapping[str, Json], closing: Sequence[str], jobs: Sequence[Job]
) -> list[int | None]:
    """For each job the record to note its mail on. `closing`: see ConversationRecords."""
    reusing = [job for job in jobs if reuse_of(job) != "never"]
    by_message = await _by_message(odoo, model, [ident for job in reusing for ident in _references(job)])
    wanted = [_candidates(job, model, by_message) if reuse_of(job) != "never" else [] for job in jobs]
    known = await _open_or_not(odoo, model, fields, closing, {record for each in wanted for record in each})
    found: list[int | None] = []
    for job, candidates in zip(jobs, wanted, strict=True):
        usable = (each for each in candidates if each in known and (reuse_of(job) == "any" or known[each]))
        found.append(next(usable, None))
    return found


def reuse_of(job: Job) -> Reuse:
    """What the job's action says."""
    action = job.command.step.action
    assert isinstance(action, CrmLeadAction | HelpdeskTicketAction)
    return action.reuse


def _candidates(job: Job, model: str, by_message: Mapping[str, int]) -> list[int]:
    existing = job.existing
    ours = [existing.res_id] if existing is not None and existing.model == model and existing.res_id else []
    theirs = {by_message[ident] for ident in _references(job) if ident in by_message}
    return [*ours, *sorted(theirs, reverse=True)]


def _references(job: Job) -> list[str]:
    """The conversation as the mail names it, and the mail itself: Odoo's own gateway may have got it too."""
    event = job.command.event
    named = [*event.references, *event.in_reply_to][-MAX_REFERENCES:]
    return [clean_text(name) for name in (*named, event.message_id or "") if name]


async def _by_message(odoo: Odoo, model: str, idents: Sequence[str]) -> dict[str, int]:
    """Message-ID to record."""
    if not idents:
        return {}
    domain = [("message_id", "in", sorted(set(idents))), ("model", "=", model), ("res_id", "!=", 0)]
    rows = await odoo.search_read("mail.message", domain, ["message_id", "res_id"], limit=MAX_MESSAGES, order="id")
    return {str(row["message_id"]): int(row["res_id"]) for row in rows}


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
