"""`load` of lines inside a record, of activities, and what an Odoo without an app says."""

import pytest

from connectors.odoo.errors import ModelMissingError
from connectors.odoo.port import Cell, Loaded, Refused
from connectors.odoo.standin import StandIn
from tests.contract.odoo.conftest import Site

NOTICE = ("id", "message_type", "subtype_id/id", "subject", "body", "message_id", "partner_ids/.id")
LINE = ("notification_ids/res_partner_id/.id", "notification_ids/notification_type")
STATUS = "notification_ids/notification_status"


async def test_a_message_comes_with_its_notification_once(site: Site) -> None:
    (user,) = await site.odoo.search_read("res.users", [["login", "=", site.account.login]], ["partner_id"], limit=1)
    partner = user["partner_id"][0]
    ident = f"<{site.prefix}@example.org>"
    head = [site.xid("notice"), "user_notification", "mail.mt_note", "S", "<p>T</p>", ident, partner]
    row, context = [*head, partner, "inbox", "Delivered"], {"lang": "en_US"}
    first, again = [
        await site.odoo.load("mail.message", [*NOTICE, *LINE, STATUS], [row], context=context) for _ in range(2)
    ]
    assert first.results == again.results
    (loaded,) = first.results
    assert isinstance(loaded, Loaded)
    facts = ["res_partner_id", "notification_type", "notification_status", "is_read"]
    (line,) = await site.odoo.search_read("mail.notification", [["mail_message_id", "=", loaded.id]], facts, limit=5)
    del line["id"]
    assert line.pop("res_partner_id")[0] == partner
    assert line == {"notification_type": "inbox", "notification_status": "sent", "is_read": False}
    # as a message of the user's own contact, so that it can be deleted like the others
    await site.odoo.call(
        "mail.message", "write", [[loaded.id], {"model": "res.partner", "res_id": partner, "message_type": "comment"}]
    )


async def test_an_activity_is_loaded_on_the_model_of_the_context(site: Site) -> None:
    partner = await site.record("res.partner", "who", name="Who")
    fields = ["id", "res_id", "activity_type_id/id", "summary", "date_deadline"]
    todo, context = "mail.mail_activity_data_todo", {"default_res_model": "res.partner"}
    targets = {"a": partner, "b": 99_999_999}
    rows: list[list[Cell]] = [[site.xid(name), on, todo, "Call", "2026-12-01"] for name, on in targets.items()]
    made, refused = (await site.odoo.load("mail.activity", fields, rows, context=context)).results
    assert isinstance(made, Loaded)
    assert isinstance(refused, Refused)
    assert "does not exist" in refused.text
    found = await site.one("mail.activity", made.id, "res_model", "res_id", "summary", "date_deadline")
    del found["id"]
    assert found == {"res_model": "res.partner", "res_id": partner, "summary": "Call", "date_deadline": "2026-12-01"}


@pytest.mark.parametrize(
    ("apps", "leads", "tickets"),
    [((), False, None), (("crm",), True, None), (("helpdesk",), False, "fold"), (("helpdesk_mgmt",), False, "closed")],
)
def test_a_stand_in_has_the_apps_that_it_is_given(apps: tuple[str, ...], leads: bool, tickets: str | None) -> None:
    models = StandIn(apps=apps).store.models  # type: ignore[arg-type]  # parametrized
    assert ("crm.lead" in models) == leads
    assert ("helpdesk.ticket" in models) == (tickets is not None)
    if tickets:
        stage = models["helpdesk.ticket"].fields["stage_id"].relation or ""
        assert tickets in models[stage].fields


async def test_a_model_of_an_app_that_is_not_there(site: Site) -> None:
    if await site.odoo.search_read("ir.model", [["model", "=", "helpdesk.ticket"]], [], limit=1):
        pytest.skip("this Odoo has a helpdesk")
    with pytest.raises(ModelMissingError):
        await site.odoo.fields_get("helpdesk.ticket")
