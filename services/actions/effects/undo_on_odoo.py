"""Taking back a record that an action made in Odoo: only while nobody else has touched it, as far as that can be seen.

Nothing in Odoo makes a write depend on what was read before. So the record itself is read last, right before the write.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.odoo.port import Json, Odoo
from schemas.ids import is_own_message_id
from services.actions.effects.port import DeclinedError, LastingError

MAX_MESSAGES = 200
STAMPS = ("create_uid", "create_date", "write_uid", "write_date")
BOTH = ["active", "in", [True, False]]
_FILED = ("email", "notification", "auto_comment")
"""Types of messages that nobody writes by hand: mail, and what Odoo notes of whoever did something."""
_LINKED = {"order_ids": "an order", "calendar_event_ids": "a meeting"}
"""Fields that hold what people made of a record elsewhere, which does not change the record."""


async def archive(
    odoo: Odoo, fields: Mapping[str, Json], model: str, record: int, *, again: bool, dry_run: bool
) -> None:
    """Archive a record that the API user made and nobody touched.

    `again`: an earlier attempt may have archived it. Raises DeclinedError: `touched`, `record-gone`, `not-undoable`.
    """
    if "active" not in fields:
        raise LastingError(f"records of {model} cannot be archived")
    linked = [name for name in _LINKED if name in fields]
    first = await _read(odoo, model, record, linked)
    if _is_archived(first, again):
        return
    await _require_no_messages(odoo, model, record, _id(first["create_uid"]))
    if "activity_ids" in fields:
        await _require_no_activities(odoo, model, record, _id(first["create_uid"]))
    last = await _read(odoo, model, record, linked)
    if _is_archived(last, again):
        return
    _require_untouched(last)
    for name in linked:
        if last[name]:
            raise _touched(f"{_LINKED[name]} belongs to it")
    if not dry_run:
        await odoo.call(model, "write", [[record], {"active": False}])


async def remove_activity(odoo: Odoo, activity: int, *, again: bool, dry_run: bool) -> None:
    """Delete an activity that is neither done nor changed. Raises DeclinedError: `touched`, `record-gone`."""
    rows = await odoo.search_read("mail.activity", [["id", "=", activity], BOTH], [*STAMPS, "active"], limit=1)
    if not rows and again:
        return
    if not rows:
        raise DeclinedError("somebody has done it, or deleted it", code="record-gone")
    if not rows[0]["active"]:
        raise _touched("it is done")
    _require_untouched(rows[0])
    if not dry_run:
        await odoo.call("mail.activity", "unlink", [[activity]])


async def _read(odoo: Odoo, model: str, record: int, linked: Sequence[str]) -> Json:
    rows = await odoo.search_read(model, [["id", "=", record], BOTH], [*STAMPS, "active", *linked], limit=1)
    if not rows:
        raise DeclinedError(f"{model} {record} was deleted", code="record-gone")
    return rows[0]


def _is_archived(row: Json, again: bool) -> bool:
    if row["active"]:
        return False
    if again and _id(row["write_uid"]) == _id(row["create_uid"]):
        return True
    raise _touched(f"{_name(row['write_uid'])} archived it on {row['write_date']}")


def _require_untouched(row: Json) -> None:
    if _id(row["write_uid"]) != _id(row["create_uid"]) or row["write_date"] != row["create_date"]:
        raise _touched(f"{_name(row['write_uid'])} changed it on {row['write_date']}")


async def _require_no_messages(odoo: Odoo, model: str, record: int, creator: int) -> None:
    """What Odoo notes of the API user's own doing, and mail that this user filed there, is nobody's touch."""
    on: list[Any] = [["model", "=", model], ["res_id", "=", record]]
    asked = ["message_type", "message_id", "author_id", "email_from", "create_uid", "date"]
    rows = await odoo.search_read("mail.message", on, asked, limit=MAX_MESSAGES + 1, order="id desc")
    if len(rows) > MAX_MESSAGES:
        raise _touched(f"it has more than {MAX_MESSAGES} messages")
    for row in rows:
        kind = row["message_type"]
        filed = kind in _FILED and _id(row["create_uid"]) == creator
        if not filed and kind != "user_notification" and not is_own_message_id(str(row["message_id"] or "")):
            who = _name(row["author_id"]) if row["author_id"] else (row["email_from"] or _name(row["create_uid"]))
            raise _touched(f"a message of {who} of {row['date']} is on it")


async def _require_no_activities(odoo: Odoo, model: str, record: int, creator: int) -> None:
    on: list[Any] = [["res_model", "=", model], ["res_id", "=", record], ["create_uid", "!=", creator], BOTH]
    rows = await odoo.search_read("mail.activity", on, ["create_uid"], limit=1)
    if rows:
        raise _touched(f"{_name(rows[0]['create_uid'])} scheduled an activity on it")


def _touched(what: str) -> DeclinedError:
    return DeclinedError(f"it was touched: {what}", code="touched")


def _id(many2one: Any) -> int:
    return int(many2one[0]) if many2one else 0


def _name(many2one: Any) -> str:
    return str(many2one[1]) if many2one else "somebody"
