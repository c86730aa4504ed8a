"""When a record counts as touched: what others did to it, as Odoo tells it."""

from collections.abc import Mapping
from typing import Any, cast

import pytest

from connectors.odoo.port import Odoo
from services.actions.effects.port import DeclinedError
from services.actions.effects.undo_on_odoo import MAX_MESSAGES, archive, remove_activity

WE, BEA, BOT = [7, "MailDesk"], [9, "Bea"], [1, "OdooBot"]
THEN, LATER = "2026-03-01 12:00:00", "2026-03-01 12:30:00"
LEAD: dict[str, Any] = {
    "id": 3,
    "create_uid": WE,
    "create_date": THEN,
    "write_uid": WE,
    "write_date": THEN,
    "active": True,
    "order_ids": [],
}
FIELDS: dict[str, Any] = {name: {} for name in ("active", "activity_ids", "order_ids")}


class Told:
    """An Odoo that tells what it is given, and notes what it is asked to change."""

    def __init__(self, *leads: dict[str, Any], messages: Any = (), activities: Any = ()) -> None:
        self.leads = list(leads) or [LEAD]
        self.messages = list(messages)
        self.activities = list(activities)
        self.written: list[tuple[str, str, Any]] = []

    async def search_read(self, model: str, domain: Any, fields: Any, *, limit: int, order: Any = None) -> Any:
        del domain, order
        if model == "mail.message":
            return self.messages[:limit]
        if model == "mail.activity":
            return self.activities[:limit]
        row = self.leads.pop(0) if len(self.leads) > 1 else self.leads[0]
        return [{name: row[name] for name in ("id", *fields)}] if row else []

    async def call(self, model: str, method: str, args: Any, kwargs: Mapping[str, Any] | None = None) -> Any:
        del kwargs
        self.written.append((model, method, args))

    async def archive(self, *, again: bool = False, fields: dict[str, Any] | None = None) -> str:
        """How it ends: `archived`, or the reason and text of the refusal."""
        found = FIELDS if fields is None else fields
        try:
            await archive(cast("Odoo", self), found, "crm.lead", 3, again=again, dry_run=False)
        except DeclinedError as error:
            assert self.written == []
            return f"{error.code}: {error.text}"
        return "archived"


def message(**facts: Any) -> dict[str, Any]:
    """A message on the lead; mail that our own user filed, when nothing else is said."""
    usual = {"message_type": "email", "message_id": "<1@x>", "author_id": False, "email_from": "anna@x.example"}
    return {**usual, "create_uid": WE, "date": LATER, **facts}


async def test_an_untouched_record_is_archived() -> None:
    odoo = Told(messages=[message(), message(message_type="notification")])
    assert await odoo.archive() == "archived"
    assert odoo.written == [("crm.lead", "write", [[3], {"active": False}])]


@pytest.mark.parametrize(
    ("odoo", "expected"),
    [
        (Told({**LEAD, "write_uid": BEA}), f"Bea changed it on {THEN}"),
        (Told({**LEAD, "write_date": LATER}), f"MailDesk changed it on {LATER}"),
        (Told(LEAD, {**LEAD, "write_uid": BEA, "write_date": LATER}), f"Bea changed it on {LATER}"),
        (Told(LEAD, {**LEAD, "active": False, "write_uid": BEA}), f"Bea archived it on {THEN}"),
        (Told({**LEAD, "order_ids": [5]}), "an order belongs to it"),
        (Told(messages=[message(message_type="comment", author_id=BEA)]), f"a message of Bea of {LATER} is on it"),
        (Told(messages=[message(create_uid=BOT)]), f"a message of anna@x.example of {LATER} is on it"),
        (
            Told(messages=[message(message_type="notification", create_uid=BEA, author_id=BEA)]),
            f"a message of Bea of {LATER} is on it",
        ),
        (Told(messages=[message()] * (MAX_MESSAGES + 1)), f"it has more than {MAX_MESSAGES} messages"),
        (Told(activities=[{"id": 1, "create_uid": BEA}]), "Bea scheduled an activity on it"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_what_somebody_did_keeps_it(odoo: Told, expected: str) -> None:
    assert await odoo.archive() == f"touched: it was touched: {expected}"


@pytest.mark.parametrize(
    "harmless",
    [
        message(message_id="<0123456789abcdef0123456789abcdef@maildesk.invalid>", create_uid=BOT),
        message(message_type="user_notification", create_uid=BEA),
    ],
)
async def test_our_own_posts_and_notifications_of_users_are_nobodys_doing(harmless: dict[str, Any]) -> None:
    assert await Told(messages=[harmless]).archive() == "archived"


async def test_who_archived_it_decides_whether_a_repeat_takes_it_for_its_own() -> None:
    ours, theirs = {**LEAD, "active": False, "write_date": LATER}, {**LEAD, "active": False, "write_uid": BEA}
    for row, again, expected in ((ours, True, True), (ours, False, False), (theirs, True, False)):
        odoo = Told(row)
        assert (await odoo.archive(again=again) == "archived") is expected
        assert odoo.written == []


async def test_what_has_no_archive_stays() -> None:
    assert await Told().archive(fields={}) == "not-undoable: records of crm.lead cannot be archived"


async def test_an_activity_that_is_kept_as_done_stays() -> None:
    odoo = Told(activities=[{**LEAD, "active": False}])
    with pytest.raises(DeclinedError, match="it is done"):
        await remove_activity(cast("Odoo", odoo), 3, again=False, dry_run=False)
    assert odoo.written == []
