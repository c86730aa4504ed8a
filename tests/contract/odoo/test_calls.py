"""What every Odoo must do: version, login, reading, and its faults under our codes."""

import dataclasses

import pytest

from connectors.odoo.errors import ModelMissingError
from connectors.odoo.port import Odoo
from runtime.errors import PermanentError, TargetDownError
from tests.contract.odoo.conftest import Site, connect

LEAD_FIELDS = {
    "name": "char",
    "contact_name": "char",
    "email_from": "char",
    "partner_name": "char",
    "description": "html",
    "type": "selection",
    "user_id": "many2one",
    "team_id": "many2one",
    "tag_ids": "many2many",
    "partner_id": "many2one",
}


async def test_version_needs_no_login(site: Site) -> None:
    stranger = connect(dataclasses.replace(site.account, password="not-the-password"))
    version = await stranger.version()
    assert version.major >= 17
    assert version.text.startswith(str(version.major))
    await stranger.close()


async def test_wrong_password_is_a_target_that_refuses_and_never_shows(site: Site) -> None:
    account = dataclasses.replace(site.account, password="not-the-password")
    stranger = connect(account)
    with pytest.raises(TargetDownError) as caught:
        await stranger.fields_get("crm.lead")
    assert caught.value.code == "odoo-login"
    assert "not-the-password" not in f"{caught.value} {account!r}"
    await stranger.close()


async def test_unknown_database(site: Site) -> None:
    stranger = connect(dataclasses.replace(site.account, database="no-such-database"))
    with pytest.raises(TargetDownError) as caught:
        await stranger.fields_get("crm.lead")
    assert caught.value.code == "odoo-database"
    await stranger.close()


async def test_fields_get_describes_what_leads_need(site: Site) -> None:
    fields = await site.odoo.fields_get("crm.lead")
    assert {name: fields[name]["type"] for name in LEAD_FIELDS} == LEAD_FIELDS
    assert fields["name"]["required"] is True
    assert fields["team_id"]["relation"] == "crm.team"
    assert ["lead", "Lead"] in fields["type"]["selection"]
    assert fields["id"]["readonly"] is True


async def test_fields_get_is_asked_once_in_a_while(site: Site) -> None:
    assert await site.odoo.fields_get("crm.tag") is await site.odoo.fields_get("crm.tag")


async def test_unknown_model(site: Site) -> None:
    with pytest.raises(ModelMissingError) as caught:
        await site.odoo.fields_get("no.such.model")
    assert caught.value.code == "odoo-model-missing"
    with pytest.raises(ModelMissingError):
        await site.odoo.load("no.such.model", ["id", "name"], [[site.xid("a"), "A"]])


@pytest.mark.parametrize(
    ("method", "args"),
    [
        ("search_read", [[["no_such_field", "=", 1]]]),
        ("read", [[2], ["no_such_field"]]),
        ("create", [{"name": "A", "no_such_field": 1}]),
        ("create", [{"name": "A", "type": "no such type"}]),
        ("no_such_method", []),
    ],
)
async def test_mistakes_are_faults(site: Site, method: str, args: list[object]) -> None:
    await site.lead("something-to-read")
    with pytest.raises(PermanentError) as caught:
        await site.odoo.call("crm.lead", method, args)
    assert caught.value.code == "odoo-fault"
    assert "Traceback" not in caught.value.text


async def test_validation_error_keeps_odoos_text(site: Site) -> None:
    with pytest.raises(PermanentError) as caught:
        await site.odoo.call("crm.lead", "create", [{"contact_name": "Nameless"}])
    assert caught.value.code == "odoo-validation"
    assert "mandatory field is not set" in caught.value.text
    assert "(name)" in caught.value.text


async def test_unique_constraint_is_a_validation_error(site: Site) -> None:
    await site.lead("first")
    row = {"module": site.prefix, "name": "first", "model": "crm.lead", "res_id": 1}
    with pytest.raises(PermanentError) as caught:
        await site.odoo.call("ir.model.data", "create", [row])
    assert caught.value.code == "odoo-validation"


async def test_private_methods_are_refused(site: Site) -> None:
    with pytest.raises(PermanentError) as caught:
        await site.odoo.call("crm.lead", "_search", [], {"domain": []})
    assert caught.value.code == "odoo-access"


async def test_writing_to_a_deleted_record(site: Site) -> None:
    lead = await site.lead("gone")
    assert await site.odoo.call("crm.lead", "unlink", [[lead]]) is True
    with pytest.raises(PermanentError) as caught:
        await site.odoo.call("crm.lead", "write", [[lead], {"name": "back"}])
    assert caught.value.code == "odoo-missing"
    assert await site.odoo.call("crm.lead", "read", [[lead], ["name"]]) == []


async def test_reader_reads_but_may_not_create(site: Site, reader: Odoo) -> None:
    lead = await site.lead("seen")
    assert [row["id"] for row in await reader.search_read("crm.lead", [["id", "=", lead]], ["name"], limit=1)] == [lead]
    with pytest.raises(PermanentError) as caught:
        await reader.call("crm.lead", "create", [{"name": "A"}])
    assert caught.value.code == "odoo-access"
    assert "not allowed to create" in caught.value.text


async def test_installed_modules_can_be_asked_for(site: Site) -> None:
    found = await site.odoo.search_read("ir.module.module", [["name", "=", "crm"]], ["state"], limit=1)
    assert found[0]["state"] == "installed"
