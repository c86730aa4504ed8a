"""A mailbox that lies in Odoo: mail on a record there, a rule, a star there and a lead; nothing twice."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from sandbox.ports import free_ports
from tests.e2e.conftest import MakeDesk
from tests.e2e.desk import rules_file
from tests.e2e.test_facts import standin

RULES = """
mailboxes:
  - id: partners
    addresses: [partners@company.example]
    actions_since: beginning
    source: {kind: odoo, domain: "[('model', '=', 'res.partner')]"}
rules:
  - id: offers
    mailbox: partners
    order: 1
    when:
      all:
        - {type: subject, contains: [offer]}
        - {type: odoo_domain, on: message, domain: "[('author_id.name', '=', 'Buyer')]"}
    actions:
      - {id: star, type: star}
      - {id: label, type: tag, add: [Offer]}
      - {id: file, type: attach_to_record}
      - {id: lead, type: crm_lead}
  - id: strangers
    mailbox: partners
    order: 2
    when: {type: reply_state, equals: personal}
    actions: [{id: unstar, type: star, starred: false}]
"""


class Odoo:
    """The stand-in as another program sees it."""

    def __init__(self, port: int) -> None:
        self._url = f"http://127.0.0.1:{port}/jsonrpc"

    def call(self, model: str, method: str, *args: Any) -> Any:
        params = {"service": "object", "method": "execute_kw"}
        given = ["maildesk", 2, "admin", model, method, list(args)]
        transport = httpx.HTTPTransport(retries=20)
        with httpx.Client(transport=transport, timeout=30) as client:
            answer = client.post(self._url, json={"params": {**params, "args": given}}).json()
        assert "error" not in answer, answer
        return answer.get("result")

    def mail(self, number: int, partner: int, subject: str) -> int:
        values = {"message_type": "email", "model": "res.partner", "res_id": partner, "author_id": partner}
        ident = f"<{number}@buyer.example>"
        named = {"message_id": ident, "subject": subject, "email_from": "Buyer <buyer@buyer.example>"}
        made: int = self.call("mail.message", "create", {**values, **named, "body": "<p>Hello</p>"})
        return made


@pytest.mark.timeout(240)
def test_mail_in_odoo_is_starred_there_and_becomes_one_lead(make_desk: MakeDesk, tmp_path: Path) -> None:
    desk, (port,) = make_desk("memory"), free_ports(1)
    desk.env |= {"ODOO_DB": "maildesk", "ODOO_LOGIN": "admin", "ODOO_PASSWORD": "admin"}
    arguments = ("--rules", rules_file(tmp_path / "rules.yaml", RULES), "--odoo", f"http://127.0.0.1:{port}")
    with standin(port, tmp_path / "odoo.journal"):
        odoo = Odoo(port)
        buyer = odoo.call("res.partner", "create", {"name": "Buyer", "email": "buyer@buyer.example"})
        mails = [odoo.mail(1, buyer, "An offer, please"), odoo.mail(2, buyer, "Thanks")]
        summaries = [desk.up(*arguments) for _ in range(2)]
        starred = odoo.call("mail.message", "search_read", [["starred_partner_ids", "!=", False]], ["id"])
        leads = odoo.call("crm.lead", "search_read", [], ["name", "email_from"])
    assert [each["id"] for each in starred] == mails[:1]
    assert [(lead["name"], lead["email_from"]) for lead in leads] == [("An offer, please", "buyer@buyer.example")]
    assert [each["mails"] for each in summaries] == [2, 2]
    log = desk.run("log", "--json").json
    steps = {(each["rule_id"], each["action_id"]): (each["state"], each["reason"] or "") for each in log}
    assert steps == {
        ("offers", "star"): ("succeeded", ""),
        ("offers", "label"): ("skipped", "no-tags"),
        ("offers", "file"): ("skipped", "already-in-odoo"),
        ("offers", "lead"): ("succeeded", ""),
    }
