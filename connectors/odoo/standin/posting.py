"""Messages in a record's chatter (Odoo: `mail.thread.message_post`); nothing keeps Message-IDs unique."""

import html
import uuid
from datetime import UTC, datetime
from typing import Any

from connectors.odoo.standin.external_ids import find
from connectors.odoo.standin.orm import ADMIN, Orm

_PLAIN = ("subject", "author_id", "email_from", "message_id", "parent_id")


def set_message_done(orm: Orm, _model: str, ids: list[int]) -> None:
    """What the caller was notified of is read (Odoo: `mail.message.set_message_done`)."""
    partner = orm.store.tables["res.users"][orm.uid]["partner_id"]
    domain = [["mail_message_id", "in", ids], ["res_partner_id", "=", partner], ["is_read", "=", False]]
    sudo = Orm(orm.store, ADMIN, {})
    sudo.write("mail.notification", sudo.search("mail.notification", domain), {"is_read": True})


def message_post(
    orm: Orm,
    model: str,
    ids: list[int],
    *,
    body: str = "",
    message_type: str = "notification",
    subtype_xmlid: str | None = None,
    subtype_id: int | bool = False,
    body_is_html: bool = False,
    **given: Any,
) -> int:
    """Post on one record; text is escaped unless `body_is_html`."""
    orm.check_access(model, "write")
    if not orm.store.models[model].thread:
        raise AttributeError(f"The method 'message_post' does not exist on the model '{model}'")
    if len(ids) != 1:
        raise ValueError(f"Expected singleton: {model}{tuple(ids)}")
    for name in given:
        if name not in _PLAIN:
            raise ValueError(f"Those values are not supported when posting or notifying: {name}")
    orm.get(model, ids[0])
    subtype = find(orm, subtype_xmlid or "mail.mt_note") if not subtype_id else {"res_id": subtype_id}
    if subtype is None:
        raise ValueError(f"External ID not found in the system: {subtype_xmlid}")
    author = orm.store.tables["res.users"][orm.uid]["partner_id"]
    partner = orm.store.tables["res.partner"][given.get("author_id") or author]
    values = {
        "model": model,
        "res_id": ids[0],
        "body": body if body_is_html else html.escape(body),
        "message_type": message_type,
        "subtype_id": subtype["res_id"],
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S"),
        "message_id": f"<{uuid.uuid4().hex}-openerp-{ids[0]}-{model}@stand-in>",
        "email_from": f'"{partner["name"]}" <{partner.get("email")}>',
        # an email_from without author_id stands alone, as Odoo's _message_compute_author leaves it
        "author_id": False if given.get("email_from") and not given.get("author_id") else author,
        **{name: value for name, value in given.items() if value is not False},
    }
    return Orm(orm.store, ADMIN, {}).create("mail.message", values)  # type: ignore[return-value]  # one dict, one id
