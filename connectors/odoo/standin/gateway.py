"""Odoo's mail gateway, as far as its outcomes go (Odoo: `mail.thread.message_process`): duplicates, bounces, replies,
and the fallback model. There are no aliases and no loop detection.
"""

import uuid
from email import message_from_string, policy
from email.message import EmailMessage
from typing import Any, cast

from connectors.odoo.standin.models import Model
from connectors.odoo.standin.orm import ADMIN, Orm

_NO_ROUTE = (
    "No possible route found for incoming message from {} to {} (Message-Id {}:). "
    "Create an appropriate mail.alias or force the destination model."
)


def message_process(
    orm: Orm, _thread: str, /, model: str | bool = False, message: str = "", **_given: Any
) -> int | bool:
    """The record that took the mail; False for a duplicate and a bounce."""
    mail = message_from_string(message, policy=policy.SMTP)
    ident = str(mail.get("Message-Id") or f"<{uuid.uuid4().hex}@localhost>").strip()
    if orm.store.having("mail.message", "message_id", ident):
        return False
    if mail.get_content_type() == "multipart/report" or "mailer-daemon" in str(mail["From"]).lower():
        return False
    found = _answered(orm, mail)
    if found is None and not model:
        raise ValueError(_NO_ROUTE.format(mail["From"], mail["To"], ident))
    to = found or (str(model), _created(orm, str(model), mail))
    body = mail.get_body(("plain",))
    values = {"message_id": ident, "model": to[0], "res_id": to[1], "message_type": "email"}
    values |= {"subject": str(mail["Subject"] or ""), "body": body.get_content() if body is not None else ""}
    Orm(orm.store, ADMIN, {}).create("mail.message", values | {"email_from": str(mail["From"])})
    return to[1]


def _answered(orm: Orm, mail: EmailMessage) -> tuple[str, int] | None:
    """The record of the newest message that the mail names."""
    named = str(mail.get("References") or mail.get("In-Reply-To") or "").split()
    known = {number for ident in named for number in orm.store.having("mail.message", "message_id", ident) or ()}
    if not known:
        return None
    newest = orm.store.tables["mail.message"][max(known)]
    return (str(newest["model"]), int(newest["res_id"])) if newest.get("res_id") else None


def _created(orm: Orm, name: str, mail: EmailMessage) -> int:
    model: Model = orm.store.models[name]
    values = {model.title: str(mail["Subject"] or "no subject"), "email_from": str(mail["From"])}
    made = orm.create(name, {field: value for field, value in values.items() if field in model.fields})
    return cast("int", made)
