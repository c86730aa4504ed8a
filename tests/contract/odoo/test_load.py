"""`load`: insert-only, bad rows fail alone, races and broken connections give one record."""

import asyncio
import contextlib

import pytest

from connectors.odoo.channel import Channel, Limits
from connectors.odoo.choice import ChosenWire
from connectors.odoo.client import OdooClient
from connectors.odoo.loading import Patience
from connectors.odoo.port import Cell, Loaded, Odoo, Refused
from runtime.backoff import Backoff
from runtime.clock import SystemClock
from runtime.errors import InvalidInputError, TransientError
from tests.contract.odoo.conftest import Site, connect


async def test_creates_under_external_ids(site: Site) -> None:
    fields = ["id", "name", "contact_name", "email_from", "partner_name", "type"]
    rows = [[site.xid(f"n{i}"), f"Lead {i}", "Ann", f"ann{i}@x.example", "X Ltd", "lead"] for i in range(12)]
    outcome = await site.odoo.load("crm.lead", fields, rows, context={"tracking_disable": True})
    assert outcome.calls == 1
    ids = [result.id for result in outcome.results if isinstance(result, Loaded)]
    assert len(set(ids)) == 12
    found = await site.odoo.resolve_external_ids([*(str(row[0]) for row in rows), site.xid("none"), "nosuch.name"])
    assert found == {str(row[0]): ("crm.lead", record) for row, record in zip(rows, ids, strict=True)}
    read = await site.one("crm.lead", ids[3], *fields[1:])
    assert read == {"id": ids[3]} | dict(zip(fields[1:], rows[3][1:], strict=True))


async def test_repeat_is_insert_only(site: Site) -> None:
    lead = await site.lead("kept", email_from="first@x.example")
    await site.odoo.call("crm.lead", "write", [[lead], {"email_from": "edited@x.example"}])
    assert await site.lead("kept", email_from="repeat@x.example") == lead
    assert (await site.one("crm.lead", lead, "email_from"))["email_from"] == "edited@x.example"


async def test_a_callers_context_cannot_make_it_overwrite(site: Site) -> None:
    lead = await site.lead("kept")
    context = {"mode": "init", "noupdate": False}
    await site.odoo.load("crm.lead", ["id", "name"], [[site.xid("kept"), "other"]], context=context)
    assert (await site.one("crm.lead", lead, "name"))["name"] == "kept"


async def test_a_deleted_record_is_created_again(site: Site) -> None:
    lead = await site.lead("deleted")
    await site.odoo.call("crm.lead", "unlink", [[lead]])
    assert await site.odoo.resolve_external_ids([site.xid("deleted")]) == {}
    again = await site.lead("deleted")
    assert again > lead


async def test_bad_rows_fail_alone(site: Site) -> None:
    fields = ["id", "name", "type", "user_id/.id", "expected_revenue"]
    rows: list[list[Cell]] = [
        [site.xid("good1"), "Good", "lead", None, "1.5"],
        [site.xid("bad-type"), "Bad", "no such type", None, None],
        [site.xid("bad-name"), "", "lead", None, None],
        [site.xid("bad-user"), "Bad", "lead", 99999999, None],
        [site.xid("bad-number"), "Bad", "lead", None, "many"],
        [site.xid("good2"), "Good", "opportunity", None, 2],
    ]
    outcome = await site.odoo.load("crm.lead", fields, rows)
    assert [type(result) for result in outcome.results] == [Loaded, Refused, Refused, Refused, Refused, Loaded]
    texts = [result.text for result in outcome.results if isinstance(result, Refused)]
    # Odoo 19 says more behind it
    assert [text.split(".\n")[0] for text in texts] == [
        "Value 'no such type' not found in selection field 'Type'",
        "Missing required value for the field 'Opportunity' (name)",
        "No matching record found for database id '99999999' in field 'Salesperson'",
        "'many' does not seem to be a number for field 'Expected Revenue'",
    ]
    assert outcome.calls == 2
    assert set(await site.odoo.resolve_external_ids([str(row[0]) for row in rows])) == {
        site.xid("good1"),
        site.xid("good2"),
    }


async def test_many_bad_rows_among_good_ones(site: Site) -> None:
    rows = [[site.xid(f"r{i}"), "" if i % 2 else f"Lead {i}"] for i in range(50)]
    outcome = await site.odoo.load("crm.lead", ["id", "name"], rows)
    assert [isinstance(result, Loaded) for result in outcome.results] == [i % 2 == 0 for i in range(50)]
    assert outcome.calls <= 5


async def test_another_models_external_id_is_refused(site: Site) -> None:
    await site.odoo.load("crm.tag", ["id", "name"], [[site.xid("taken"), site.prefix]])
    rows = [[site.xid("taken"), "A"], [site.xid("free"), "B"]]
    outcome = await site.odoo.load("crm.lead", ["id", "name"], rows)
    first, second = outcome.results
    assert isinstance(first, Refused)
    assert "record of different model crm.tag" in first.text
    assert isinstance(second, Loaded)


async def test_a_user_who_may_not_create_is_refused_by_row(site: Site, reader: Odoo) -> None:
    rows = [[site.xid("a"), "A"], [site.xid("b"), "B"]]
    outcome = await reader.load("crm.lead", ["id", "name"], rows)
    assert all(isinstance(result, Refused) and "not allowed to create" in result.text for result in outcome.results)


async def test_a_user_who_may_not_read_ir_model_data_resolves_too(site: Site, reader: Odoo) -> None:
    lead = await site.lead("visible")
    names = [site.xid("visible"), site.xid("absent")]
    assert await reader.resolve_external_ids(names) == {names[0]: ("crm.lead", lead)}
    await site.odoo.call("crm.lead", "write", [[lead], {"active": False}])
    assert await reader.resolve_external_ids(names) == {names[0]: ("crm.lead", lead)}


async def test_concurrent_loads_give_one_record_each(site: Site) -> None:
    clients = [connect(site.account) for _ in range(4)]
    names = [site.xid(f"race{i}") for i in range(3)]
    rows = [[name, "Race"] for name in names]
    outcomes = await asyncio.gather(*(client.load("crm.lead", ["id", "name"], rows) for client in clients))
    assert len({outcome.results for outcome in outcomes}) == 1
    ids = [result.id for result in outcomes[0].results if isinstance(result, Loaded)]
    assert {name: ("crm.lead", i) for name, i in zip(names, ids, strict=True)} == (
        await site.odoo.resolve_external_ids(names)
    )
    (first, *_), (last, *_) = ids, reversed(ids)
    domain = [["id", ">=", first], ["id", "<=", last], ["name", "=", "Race"]]
    assert await site.odoo.call("crm.lead", "search_count", [domain]) == 3
    for client in clients:
        await client.close()


async def test_a_client_that_gave_up_finds_its_records(site: Site) -> None:
    """No answer within the client's time; Odoo commits all the same, and the look-up finds what it made."""
    channel = Channel(site.account.url, site.account.password, Limits())
    patience = Patience(backoff=Backoff(first=0.05))
    hasty = OdooClient(ChosenWire(site.account, channel), clock=SystemClock(), patience=patience)
    await hasty.fields_get("crm.lead")
    # in a hurry only now: a login takes a real Odoo about a second
    channel.limits = Limits(call_seconds=0.8)
    if site.standin is not None:
        site.standin.troubles.delay, site.standin.troubles.late = 1.0, True
    rows = [[site.xid(f"slow{i}"), f"Slow {i}"] for i in range(300)]
    with contextlib.suppress(TransientError):
        await hasty.load("crm.lead", ["id", "name"], rows)
    if site.standin is not None:
        site.standin.troubles.delay = 0.0
    outcome = await site.odoo.load("crm.lead", ["id", "name"], rows)
    ids = [result.id for result in outcome.results if isinstance(result, Loaded)]
    assert len(set(ids)) == 300
    domain = [["name", "=like", "Slow %"], ["id", ">=", min(ids)]]
    assert await site.odoo.call("crm.lead", "search_count", [domain]) == 300
    await hasty.close()


@pytest.mark.parametrize(
    ("fields", "row", "hint"),
    [
        (["name"], ["A"], 'the field "id"'),
        (["id", "name"], ["nodot", "A"], "module.name"),
        (["id", "name"], [None, "A"], "module.name"),
        (["id", "name"], ["m.a"], "1 cells for 2 fields"),
    ],
)
async def test_rows_without_a_proper_external_id(site: Site, fields: list[str], row: list[str], hint: str) -> None:
    with pytest.raises(InvalidInputError, match=hint):
        await site.odoo.load("crm.lead", fields, [row])


async def test_an_external_id_given_twice(site: Site) -> None:
    with pytest.raises(InvalidInputError, match="twice"):
        await site.odoo.load("crm.lead", ["id", "name"], [["m.a", "A"], ["m.a", "B"]])


async def test_no_rows_is_no_call(site: Site) -> None:
    outcome = await site.odoo.load("crm.lead", ["id", "name"], [])
    assert (outcome.results, outcome.calls) == ((), 0)
