"""`notify_user`: a notification in each user's Odoo inbox, whatever they chose for Odoo's own mails.

Odoo's `message_notify` takes no Message-ID, so that a repeat could not be told from the first call, and by default it
sends e-mail instead of filling the inbox. So the message is loaded together with its `mail.notification`, one per user,
under an external id: a repeat finds it (unique (module, name) of `ir.model.data`), and no e-mail goes out. An Odoo page
that is open shows it when it is loaded the next time.
"""

from collections.abc import Sequence
from itertools import islice

from connectors.odoo.port import Cell, Loaded, Refused
from runtime.errors import MaildeskError
from schemas.ids import external_id, message_id
from schemas.odoo_action import NotifyUserAction
from schemas.result import Produced
from services.actions.effects.odoo_text import as_html, subject_line
from services.actions.effects.odoo_users import OdooUser, find_users, require_users
from services.actions.effects.on_odoo import OdooEffect, loaded_id
from services.actions.event_text import fill, flat
from services.actions.model import Job

FIELDS = (
    "id",
    "message_id",
    "message_type",
    "subtype_id/id",
    "is_internal",
    "subject",
    "body",
    "partner_ids/.id",
    "notification_ids/res_partner_id/.id",
    "notification_ids/notification_type",
    "notification_ids/notification_status",
)
# "sent" is the key of Delivered and the label of another status; labels are read in the context's language.
DELIVERED = "Delivered"
CONTEXT = {"lang": "en_US"}


class NotifyUser(OdooEffect):
    """All users of an action are notified, or none."""

    type = "notify_user"
    needs = "active internal users; any internal user may do it"
    repeat = "an external id for each user, made from the idempotency key, which is unique in Odoo"
    stays = "a notification cannot be called back: it may have been read, or sent by mail"
    batch = 10

    async def plan(self, job: Job) -> Produced:
        logins = _logins(job)
        require_users(await find_users(self._site.odoo, logins), logins)
        return Produced(text=f"would notify {', '.join(logins)}: {flat(_text(job))}")

    async def find(self, job: Job) -> Produced | None:
        names = [_external(job, login) for login in _logins(job)]
        found = await self._site.odoo.resolve_external_ids(names)
        if len(found) < len(names):
            return None
        return self._produced(job, [found[name][1] for name in names])

    async def do(self, jobs: Sequence[Job]) -> list[Produced | MaildeskError]:
        users = await find_users(self._site.odoo, {login for job in jobs for login in _logins(job)})
        answers: list[Produced | MaildeskError | None] = [None] * len(jobs)
        rows: list[list[Cell]] = []
        for index, job in enumerate(jobs):
            try:
                found = require_users(users, _logins(job))
            except MaildeskError as error:
                answers[index] = error
            else:
                rows += [_row(job, login, user) for login, user in zip(_logins(job), found, strict=True)]
        outcome = await self._site.odoo.load("mail.message", FIELDS, rows, context=CONTEXT)
        results = iter(outcome.results)
        for index, job in enumerate(jobs):
            if answers[index] is None:
                answers[index] = self._answer(job, list(islice(results, len(_logins(job)))))
        return [answer for answer in answers if answer is not None]

    def _answer(self, job: Job, results: Sequence[Loaded | Refused]) -> Produced | MaildeskError:
        try:
            return self._produced(job, [loaded_id(result) for result in results])
        except MaildeskError as error:
            return error

    def _produced(self, job: Job, messages: list[int]) -> Produced:
        text = f"notified {', '.join(_logins(job))}"
        return self._site.record("mail.message", messages[0], text, users=list(_logins(job)), messages=messages)


def _action(job: Job) -> NotifyUserAction:
    action = job.command.step.action
    assert isinstance(action, NotifyUserAction)
    return action


def _logins(job: Job) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_action(job).users))


def _text(job: Job) -> str:
    return fill(_action(job).text, job.command.event)


def _key(job: Job, login: str) -> str:
    return f"{job.row.key}\x1f{login}"


def _external(job: Job, login: str) -> str:
    return external_id("mail.message", _key(job, login))


def _row(job: Job, login: str, user: OdooUser) -> list[Cell]:
    return [
        _external(job, login),
        message_id("notify_user", _key(job, login)),
        "user_notification",
        "mail.mt_note",
        True,
        subject_line(job.command.event.subject),
        as_html(_text(job)),
        user.partner,
        user.partner,
        "inbox",
        DELIVERED,
    ]
