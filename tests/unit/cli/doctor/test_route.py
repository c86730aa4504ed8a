"""`maildesk doctor route`: its warnings, its words, its exit codes."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp.test_utils import TestServer
from typer.testing import CliRunner, Result

from cli.doctor.route import fallback_of, tell
from cli.main import app
from connectors.odoo.routing_book import RoutingBook
from connectors.odoo.routing_mail import read_gateway_mail
from connectors.odoo.routing_outcome import Outcome, Prediction, Route
from connectors.odoo.standin import StandIn, create_app
from connectors.odoo.standin.orm import Orm
from sandbox.ports import free_ports
from schemas.mailbox import EmlSource, Mailbox
from schemas.rule import Rule


def filed(*routes: Route) -> Prediction:
    return Prediction(Outcome.FILED, "; ".join(map(str, routes)), routes)


def warnings(raw: str, prediction: Prediction, *mailboxes: Mailbox, unread: tuple[str, ...] = ()) -> tuple[str, ...]:
    return tell(read_gateway_mail(raw.encode()), RoutingBook(17, unread=unread), prediction, mailboxes).warnings


def test_a_mail_that_names_another_record() -> None:
    raw = "References: <1-openerp-5-crm.lead@x.example>\n\n"
    assert warnings(raw, filed(Route("crm.lead", 5, "references"))) == ()
    assert warnings(raw, filed(Route("crm.lead", 6, "references"))) == (
        "the mail names crm.lead 5, but goes to crm.lead 6",
    )


def test_a_reply_that_makes_a_new_record() -> None:
    (warning,) = warnings("References: <a@x.example>\n\n", filed(Route("crm.lead", None, "alias support", "support")))
    assert warning == "it answers a mail, but a new record is made: a new crm.lead"


def test_a_mail_that_is_filed_twice_and_not_for_the_mailbox() -> None:
    box = Mailbox(id="support", addresses=("support@x.example",), source=EmlSource(kind="eml", path="/m"))
    routes = filed(Route("crm.lead", None, "alias a", "a"), Route("res.partner", None, "alias b", "b"))
    said = warnings("To: a@x.example, b@x.example\n\n", routes, box, unread=("ir.config_parameter",))
    assert [each.split(":")[0] for each in said] == [
        "it is filed 2 times",
        "the API user may not read ir.config_parameter; allowed domains and limits are not known",
        "none of its recipients is an address of mailbox support",
    ]


def test_the_fallback_is_that_of_rules_that_are_on() -> None:
    def rule(model: str | None, *, enabled: bool) -> Rule:
        action = {"id": "a", "type": "attach_to_record", "fallback_model": model}
        return Rule.model_validate({"id": "r", "mailbox": "m", "enabled": enabled, "actions": [action]})

    assert fallback_of([rule("res.partner", enabled=False), rule(None, enabled=True)]) == ""
    assert fallback_of([rule(None, enabled=True), rule("crm.lead", enabled=True)]) == "crm.lead"


@pytest.fixture
async def lead(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> AsyncIterator[int]:
    """A lead with a message, in a stand-in that the environment names."""
    for name in ("PGHOST", "MAILDESK_POSTGRES_DSN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("MAILDESK_STATE_DIR", str(tmp_path))
    standin = StandIn()
    orm = Orm(standin.store, 2, {})
    with standin.store.transaction():
        made = orm.create("crm.lead", {"name": "A lead"})
        assert isinstance(made, int)
        orm.create("mail.message", {"message_id": "<a@x.example>", "model": "crm.lead", "res_id": made})
    async with TestServer(create_app(standin)) as server:
        for name, value in {"URL": str(server.make_url("")), "DB": "maildesk", "LOGIN": "admin"}.items():
            monkeypatch.setenv(f"MAILDESK_ODOO_{name}", value)
        monkeypatch.setenv("MAILDESK_SECRET_ODOO_PASSWORD", "admin")
        yield made


async def routed(tmp_path: Path, raw: bytes, *options: str) -> Result:
    file = tmp_path / "mail.eml"
    file.write_bytes(raw)
    return await asyncio.to_thread(CliRunner().invoke, app, ["doctor", "route", str(file), *options])


async def test_step_by_step(lead: int, tmp_path: Path) -> None:
    result = await routed(tmp_path, b"References: <a@x.example>\nTo: purchase+1@x.example\n\n")
    assert result.output.splitlines() == [
        "1. it is no report of failed delivery, no duplicate, no loop",
        f"2. references: the newest message that Odoo knows of its 1 ids is on crm.lead {lead}",
        f"3. so: references → crm.lead {lead}",
        "hint: Odoo ignores this form: purchase+1@x.example is another address than purchase@x.example, not record 1",
    ]
    assert result.exit_code == 0


async def test_as_json_and_hostile(lead: int, tmp_path: Path) -> None:
    result = await routed(tmp_path, b"To: \x1b[2J <x\x07@y.example>\n\n", "--json", "--fallback", "crm.lead")
    assert json.loads(result.output)["routes"] == [{"model": "crm.lead", "record": None, "by": "fallback", "alias": ""}]
    assert result.exit_code == 0
    assert "\x1b" not in (await routed(tmp_path, b"To: \x1b[2J <x\x07@y.example>\n\n")).output
    assert lead


async def test_nothing_takes_it(lead: int, tmp_path: Path) -> None:
    result = await routed(tmp_path, b"To: a@x.example\n\n")
    assert result.output.splitlines()[-1] == "4. so: no route → refused: no reply, no alias, no fallback model"
    assert result.exit_code == 1
    assert lead


async def test_what_is_missing(lead: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert lead
    gone = CliRunner().invoke(app, ["doctor", "route", "/nowhere.eml"])
    assert (gone.exit_code, "/nowhere.eml cannot be read" in gone.output) == (2, True)
    monkeypatch.setenv("MAILDESK_ODOO_URL", f"http://127.0.0.1:{free_ports(1)[0]}")
    assert (await routed(tmp_path, b"\n")).exit_code == 3
    monkeypatch.delenv("MAILDESK_ODOO_URL")
    unset = await routed(tmp_path, b"\n")
    assert (unset.exit_code, "MAILDESK_ODOO_URL" in unset.output) == (2, True)
