"""`attach_to_record`: hands the mail to Odoo's own gateway (`message_process`), which files it as if it had come there.

The gateway refuses a Message-ID that it knows, but two calls at the same moment both pass. So a mail is handed over
under a claim of its Message-ID, and after a call that was not answered it is looked for when Odoo must have ended.
"""

import asyncio
import hashlib
from collections.abc import Sequence
from email import message_from_bytes, policy

from runtime.errors import MaildeskError, PermanentError
from schemas.command import ActionCommand
from schemas.ids import message_id
from schemas.odoo_action import AttachToRecordAction
from schemas.result import Produced
from services.actions.connections import Connections
from services.actions.effects.odoo_site import OdooSite
from services.actions.effects.on_odoo import OdooEffect
from services.actions.effects.one_by_one import one_by_one
from services.actions.effects.port import DeclinedError, may_still_run
from services.actions.effects.raw_mail import as_json_text, read_raw
from services.actions.model import Job

MAILS_AT_ONCE = 2
"""How many whole mails are in memory, several times over while they are turned into JSON."""
NO_ROUTE = "No possible route found"
"""How Odoo's error begins; it is not translated (Odoo 17: `mail.thread.message_route`)."""


class AttachToRecord(OdooEffect):
    """Its target is Odoo for one mailbox: a mail account that is away holds up only its own mail."""

    type = "attach_to_record"
    needs = "the right to write on the record, or to create one; a mailbox that still has the mail"
    repeat = "the mail's Message-ID in `mail.message`, looked for under a claim of it"
    stays = "mail that Odoo has filed on a record stays there"
    batch = 10
    keyed = False
    shared_target: str | None = None

    def __init__(self, site: OdooSite, connections: Connections) -> None:
        super().__init__(site)
        self._connections = connections
        self._slots = asyncio.Semaphore(MAILS_AT_ONCE)

    def target(self, command: ActionCommand) -> str:
        return f"odoo-gateway:{command.event.mailbox}"

    def record_subjects(self, command: ActionCommand) -> tuple[str, ...]:
        ident = command.event.message_id or str(command.event.event_id)
        hashed = hashlib.sha256(ident.encode("utf-8", "replace")).hexdigest()
        return (f"gateway:{self._site.database}:{hashed}",)

    async def plan(self, job: Job) -> Produced:
        _require_elsewhere(job)
        await self._require_fallback(job)
        raw = await read_raw(self._connections, job)
        await self._require_unknown(_idents(job, raw))
        fallback = _action(job).fallback_model
        where = f"; where it finds no record it makes one of {fallback}" if fallback else ""
        return Produced(text=f"would hand the mail to Odoo's gateway{where}")

    async def find(self, job: Job) -> Produced | None:
        if (filed := await self._filed(_idents(job, b""))) is not None:
            return filed
        try:
            return await self._filed(_idents(job, await read_raw(self._connections, job)))
        except DeclinedError:
            return None

    async def do(self, jobs: Sequence[Job]) -> list[Produced | MaildeskError]:
        groups: dict[str, list[int]] = {}
        for index, job in enumerate(jobs):
            groups.setdefault(job.command.event.mailbox, []).append(index)
        answered = await asyncio.gather(
            *(self._do_in(mailbox, [jobs[index] for index in group]) for mailbox, group in groups.items())
        )
        found: dict[int, Produced | MaildeskError] = {}
        for group, answers in zip(groups.values(), answered, strict=True):
            found |= {index: may_still_run(answer) for index, answer in zip(group, answers, strict=True)}
        return [found[index] for index in range(len(jobs))]

    async def _do_in(self, mailbox: str, jobs: Sequence[Job]) -> list[Produced | MaildeskError]:
        async def hand_over(job: Job) -> Produced:
            async with self._slots:
                return await self._hand_over(job)

        return await one_by_one(jobs, hand_over, self.seconds, f"Odoo, or mailbox {mailbox},")

    async def _hand_over(self, job: Job) -> Produced:
        _require_elsewhere(job)
        await self._require_fallback(job)
        raw = _with_ident(job, await read_raw(self._connections, job))
        idents = _idents(job, raw)
        await self._require_unknown(idents)
        fallback = _action(job).fallback_model
        given = {"model": fallback or False, "message": as_json_text(raw)}
        try:
            await self._site.odoo.call("mail.thread", "message_process", [], given)
        except PermanentError as error:
            if error.text.startswith(NO_ROUTE) and fallback is None:
                text = "Odoo's gateway finds no record and no alias for the mail; a fallback_model would take it"
                raise DeclinedError(text, code="no-route") from error
            raise
        filed = await self._filed(idents)
        if filed is None:
            text = "Odoo's gateway took nothing in: to it the mail is a bounce, a loop, or one that it rejects"
            raise DeclinedError(text, code="odoo-rejected")
        return filed

    async def _require_fallback(self, job: Job) -> None:
        fallback = _action(job).fallback_model
        if fallback is not None and await self._site.fields_if_any(fallback) is None:
            raise DeclinedError(f"Odoo has no model {fallback}; its app is not installed", code="not-installed")

    async def _require_unknown(self, idents: Sequence[str]) -> None:
        if (filed := await self._filed(idents)) is not None:
            raise DeclinedError(f"Odoo has this mail already: {filed.text}", code="already-in-odoo")

    async def _filed(self, idents: Sequence[str]) -> Produced | None:
        """What Odoo knows of the mail, whoever gave it."""
        domain = [["message_id", "in", list(idents)]]
        rows = await self._site.odoo.search_read("mail.message", domain, ["model", "res_id"], limit=1, order="id")
        if not rows:
            return None
        if not rows[0]["model"] or not rows[0]["res_id"]:
            return self._site.record("mail.message", int(rows[0]["id"]), "filed on no record")
        model, record = str(rows[0]["model"]), int(rows[0]["res_id"])
        return self._site.record(model, record, f"filed on {model} {record}", message=int(rows[0]["id"]))


def _action(job: Job) -> AttachToRecordAction:
    action = job.command.step.action
    assert isinstance(action, AttachToRecordAction)
    return action


def _require_elsewhere(job: Job) -> None:
    if job.command.event.hosted is not None:
        raise DeclinedError("the mail lies in Odoo and is on its record already", code="already-in-odoo")


def _own_ident(job: Job) -> str:
    """For a mail without one: Odoo would make one up that nobody can look for."""
    return message_id("attach_to_record", str(job.command.event.event_id))


def _with_ident(job: Job, raw: bytes) -> bytes:
    if job.command.event.message_id is not None:
        return raw
    return b"Message-ID: " + _own_ident(job).encode() + b"\r\n" + raw


def _idents(job: Job, raw: bytes) -> list[str]:
    """The Message-ID as we know it, and as Odoo reads it from the same bytes."""
    known = job.command.event.message_id or _own_ident(job)
    try:
        read = str(message_from_bytes(raw[:65_536], policy=policy.SMTP).get("Message-Id") or "").strip()
    except Exception:
        # The stdlib's header parser fails on some broken headers, and so does Odoo, which uses it.
        read = ""
    return list(dict.fromkeys(each for each in (known, read) if each))
