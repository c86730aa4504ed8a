"""`activity`: something to do, on the record that the mail belongs to; loaded under an external id.

Odoo deletes an activity that is done, and its external id with it. So one that was made by a call whose answer got
lost, and was done before the command came to look for it, is made again.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from connectors.odoo.port import Cell
from runtime.errors import MaildeskError
from schemas.ids import external_id
from schemas.odoo_action import ActivityAction
from schemas.result import Produced
from services.actions.effects.activity_types import find_types, pick_type
from services.actions.effects.mail_places import Place, Records, find_places
from services.actions.effects.odoo_site import OdooSite
from services.actions.effects.odoo_text import MAX_SUBJECT, as_html
from services.actions.effects.odoo_users import find_users, require_users
from services.actions.effects.on_odoo import OdooEffect, loaded_id
from services.actions.effects.port import DeclinedError, NotKnownError
from services.actions.effects.undo_on_odoo import remove_activity
from services.actions.event_text import fill, flat
from services.actions.model import Job
from services.actions.undone import Acted

MODEL = "mail.activity"
FIELDS = ("id", "res_id", "activity_type_id/.id", "summary", "note", "date_deadline")


@dataclass(frozen=True, slots=True)
class _Planned:
    """What is to be made. `user` None: the API user."""

    place: Place
    type: int
    user: int | None
    summary: str
    deadline: date

    def sentence(self, verb: str) -> str:
        return f"{verb} {self.summary!r} on {self.place.model} {self.place.id}, due {self.deadline.isoformat()}"


class Activity(OdooEffect):
    """`records`: what our own actions made of conversations."""

    type = "activity"
    needs = "the right to write on the record, which Odoo asks for"
    undone = "it is removed while it is not done"

    def __init__(self, site: OdooSite, records: Records) -> None:
        super().__init__(site)
        self._records = records

    async def plan(self, job: Job) -> Produced:
        (planned,) = await self._prepare([job])
        if isinstance(planned, MaildeskError):
            raise planned
        return Produced(text=planned.sentence("would schedule"))

    async def find(self, job: Job) -> Produced | None:
        found = (await self._site.odoo.resolve_external_ids([_external(job)])).get(_external(job))
        if found is None:
            return None
        domain = [["id", "=", found[1]], ["active", "in", [True, False]]]
        rows = await self._site.odoo.search_read(MODEL, domain, ["res_model", "res_id", "summary"], limit=1)
        if not rows:
            return self._produced(found[1], "", 0, "scheduled it")
        model, record = str(rows[0]["res_model"]), int(rows[0]["res_id"])
        return self._produced(found[1], model, record, f"scheduled {rows[0]['summary']!r} on {model} {record}")

    async def do(self, jobs: Sequence[Job]) -> list[Produced | MaildeskError]:
        prepared = await self._prepare(jobs)
        answers: dict[int, Produced | MaildeskError] = {}
        groups: dict[tuple[str, bool], list[tuple[int, _Planned]]] = defaultdict(list)
        for index, planned in enumerate(prepared):
            if isinstance(planned, MaildeskError):
                answers[index] = planned
            else:
                groups[planned.place.model, planned.user is not None].append((index, planned))
        for (model, assigned), group in groups.items():
            answers |= await self._load(model, assigned, jobs, group)
        return [answers[index] for index in range(len(jobs))]

    async def undo(self, job: Job, acted: Acted, *, dry_run: bool) -> Produced:
        made = acted.produced
        if made.model != MODEL or not made.res_id:
            raise NotKnownError("which activity it scheduled was not written down")
        await remove_activity(self._site.odoo, made.res_id, again=job.attempt > 1, dry_run=dry_run)
        verb = "would remove" if dry_run else "removed"
        return Produced(text=f"{verb} activity {made.res_id}, which was not done yet")

    async def _load(
        self, model: str, assigned: bool, jobs: Sequence[Job], group: Sequence[tuple[int, _Planned]]
    ) -> dict[int, Produced | MaildeskError]:
        """One model at a time: only administrators may look its number up, but everyone may name it as a default."""
        fields = [*FIELDS, "user_id/.id"] if assigned else list(FIELDS)
        rows = [_row(jobs[index], planned, assigned) for index, planned in group]
        try:
            outcome = await self._site.odoo.load(MODEL, fields, rows, context={"default_res_model": model})
        except MaildeskError as error:
            return {index: error for index, _ in group}
        answers: dict[int, Produced | MaildeskError] = {}
        for (index, planned), result in zip(group, outcome.results, strict=True):
            try:
                text = planned.sentence("scheduled")
                answers[index] = self._produced(loaded_id(result), planned.place.model, planned.place.id, text)
            except MaildeskError as error:
                answers[index] = error
        return answers

    async def _prepare(self, jobs: Sequence[Job]) -> list[_Planned | MaildeskError]:
        odoo = self._site.odoo
        places = await find_places(self._site, self._records, [job.command.event for job in jobs])
        users = await find_users(odoo, {login for job in jobs if (login := _action(job).user)})
        types = {wanted: await find_types(odoo, wanted) for wanted in {_action(job).activity_type for job in jobs}}
        prepared: list[_Planned | MaildeskError] = []
        for job, place in zip(jobs, places, strict=True):
            action = _action(job)
            try:
                if place is None:
                    raise _nowhere()
                user = require_users(users, [action.user])[0].id if action.user else place.user
                kind = pick_type(types[action.activity_type], action.activity_type, place.model)
                prepared.append(_Planned(place, kind.id, user, _summary(job), _deadline(job)))
            except MaildeskError as error:
                prepared.append(error)
        return prepared

    def _produced(self, activity: int, model: str, record: int, text: str) -> Produced:
        made = self._site.record(MODEL, activity, text, on={"model": model, "res_id": record})
        return made.model_copy(update={"url": self._site.url(model, record)}) if record else made


def _action(job: Job) -> ActivityAction:
    action = job.command.step.action
    assert isinstance(action, ActivityAction)
    return action


def _nowhere() -> DeclinedError:
    return DeclinedError(
        "no record to schedule it on: Odoo has filed the mail nowhere, its conversation has no lead or ticket, and "
        "its sender is no contact",
        code="no-record",
    )


def _external(job: Job) -> str:
    return external_id(MODEL, str(job.row.key))


def _summary(job: Job) -> str:
    return flat(fill(_action(job).summary, job.command.event), MAX_SUBJECT)


def _deadline(job: Job) -> date:
    return job.command.event.received_at.date() + timedelta(days=_action(job).due_in_days)


def _row(job: Job, planned: _Planned, assigned: bool) -> list[Cell]:
    note = as_html(fill(_action(job).note, job.command.event))
    row: list[Cell] = [_external(job), planned.place.id, planned.type, planned.summary, note]
    row.append(planned.deadline.isoformat())
    return [*row, planned.user] if assigned else row
