"""What a real Odoo does with messages that are loaded; the stand-in keeps no rules of its own for them."""

import asyncio
from typing import Any

from connectors.odoo.errors import is_conflict
from connectors.odoo.port import Loaded
from services.actions.effects.loaded_rows import QUIET
from tests.contract.odoo.conftest import Site, connect, real

__all__ = ["real"]
HTML = "<p style='color:red'>Hi <b>you</b></p><script>alert(1)</script><img src=x onerror=y>"


async def loaded_message(site: Site, lead: int, **cells: Any) -> dict[str, Any]:
    """A message of type email on the lead, under an external id."""
    given = {"id": site.xid("message"), "model": "crm.lead", "res_id": lead, "message_type": "email", **cells}
    (result,) = (await site.odoo.load("mail.message", list(given), [list(given.values())], context=QUIET)).results
    assert isinstance(result, Loaded), result
    return await site.one("mail.message", result.id, "body", "author_id", "email_from", "message_id", "date")


async def test_odoo_sanitizes_a_body_that_is_loaded(real: Site) -> None:
    lead = await real.lead("shown")
    body = (await loaded_message(real, lead, email_from="a@x.example", body=HTML))["body"]
    assert "<b>you</b>" in body
    assert not any(word in body for word in ("script", "onerror"))


async def test_a_sender_without_contact_is_no_author(real: Site) -> None:
    lead = await real.lead("shown")
    facts = {"email_from": "Ann <a@x.example>", "date": "2024-05-01 12:00:00", "message_id": f"<{real.prefix}@x>"}
    message = await loaded_message(real, lead, body="<p>x</p>", **facts, **{"author_id/.id": None})
    assert {name: message[name] for name in facts} == facts
    assert message["author_id"] is False


async def test_an_address_alone_leaves_the_api_user_as_the_author(real: Site) -> None:
    """So the column of the author must be there, empty."""
    lead = await real.lead("shown")
    message = await loaded_message(real, lead, email_from="a@x.example", body="<p>x</p>")
    assert message["author_id"]


async def test_our_context_leaves_no_log_and_no_follower_and_changes_no_record(real: Site) -> None:
    rows = [[real.xid("quiet"), "Quiet"]]
    (result,) = (await real.odoo.load("crm.lead", ["id", "name"], rows, context=QUIET)).results
    assert isinstance(result, Loaded)
    await loaded_message(real, result.id, email_from="a@x.example", body="<p>x</p>")
    lead = await real.one("crm.lead", result.id, "message_ids", "message_follower_ids", "create_date", "write_date")
    assert (len(lead["message_ids"]), lead["message_follower_ids"]) == (1, [])
    assert lead["create_date"] == lead["write_date"]


async def test_a_lost_race_answers_without_ids_and_names_the_conflict(real: Site) -> None:
    """As Odoo answers it, before the client makes anything of it."""
    clients = [connect(real.account) for _ in range(4)]
    for client in clients:
        await client.fields_get("crm.lead")
    context = {"context": {**QUIET, "mode": "update", "noupdate": True}}
    for number in range(5):
        name = real.xid(f"race{number}")
        rows = [["id", "name"], [[name, "Race"]]]
        answers = await asyncio.gather(*(client.call("crm.lead", "load", rows, context) for client in clients))
        won = {answer["ids"][0] for answer in answers if answer["ids"]}
        lost = [answer for answer in answers if not answer["ids"]]
        assert await real.odoo.resolve_external_ids([name]) == {name: ("crm.lead", won.pop())}
        assert won == set()
        assert all(any(is_conflict(each["message"]) for each in answer["messages"]) for answer in lost)
    for client in clients:
        await client.close()
