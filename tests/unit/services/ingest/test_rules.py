from typing import Any

from runtime.kafka import Received
from schemas import envelope
from schemas.mail import Published
from schemas.mailbox import EmlSource, Mailbox
from schemas.needs import needs_of
from schemas.rule import MailboxChanged, Rule, RuleChanged, RulesetPublished
from services.ingest.asked import Asked
from services.ingest.rules import Rules

TAG = ({"id": "tag", "type": "tag", "add": ["x"]},)


def received(record: Published, value: bytes | None = b"") -> Received:
    key, encoded, headers = envelope.encode(record, "/maildesk/console")
    return Received("automation-rules", 0, 0, key, encoded if value == b"" else value, tuple(headers), 0)


def box(**more: Any) -> Received:
    return received(
        MailboxChanged(version=1, mailbox=Mailbox(id="info", source=EmlSource(kind="eml", path="/m"), **more))
    )


def changed(ident: str, field: str, **more: Any) -> RuleChanged:
    when = {"type": "odoo_domain", "on": "partner", "domain": [[field, "=", "x"]]}
    rule = Rule.model_validate({"id": ident, "mailbox": "info", "when": when, "actions": TAG, **more})
    return RuleChanged(version=1, revision=1, rule=rule, needs=needs_of(rule.when))


def closed(version: int) -> Received:
    return received(RulesetPublished(version=version))


def rules(*records: Received) -> Rules:
    found = Rules()
    found.take([*records, closed(1)])
    return found


def paths(asked: Asked) -> tuple[str, ...]:
    return asked.partner.paths if asked.partner else ()


def test_active_rules_of_the_mailbox_that_the_mail_can_meet() -> None:
    found = rules(
        box(),
        received(changed("one", "name")),
        received(changed("two", "email")),
        received(changed("sent", "ref", trigger="after_send")),
        received(changed("hand", "vat", trigger="manual")),
        received(changed("off", "phone", enabled=False)),
        received(changed("other", "city", mailbox="sales")),
    )
    assert paths(found.asked("info", "incoming")) == ("email", "name", "vat")
    assert paths(found.asked("info", "outgoing")) == ("ref", "vat")
    assert found.asked("nobody", "incoming") == Asked()


def test_a_mailbox_that_is_switched_off_asks_nothing() -> None:
    one, two = received(changed("one", "name")), received(changed("two", "ref", trigger="after_send"))
    assert rules(box(automation=False), one).asked("info", "incoming") == Asked()
    half = rules(box(incoming=False), one, two)
    assert (paths(half.asked("info", "incoming")), paths(half.asked("info", "outgoing"))) == ((), ("ref",))


def test_a_new_version_takes_effect_as_a_whole() -> None:
    found = rules(box(), received(changed("one", "name")))
    found.take([received(changed("one", "email"))])
    assert paths(found.asked("info", "incoming")) == ("name",)
    assert found.take([closed(2)])
    assert paths(found.asked("info", "incoming")) == ("email",)
    found.take([received(changed("one", "email"), None), closed(3)])
    assert found.asked("info", "incoming") == Asked()


def test_a_rule_that_cannot_be_read_keeps_its_needs_and_newer_ones_are_read_as_far_as_it_goes() -> None:
    found = rules(box(), received(changed("one", "name")))
    found.take([received(changed("one", "name"), b'{"rule": {"id": "one"}}'), closed(2)])
    assert paths(found.asked("info", "incoming")) == ("name",)
    newer = b'{"rule": {"id": "one", "mailbox": "info", "actions": [{"type": "fly"}]}, "needs": [{"on": "partner",'
    newer += b'"model": "res.partner", "paths": ["ref"], "speed": 9}]}'
    found.take([received(changed("one", "name"), newer), closed(3)])
    assert paths(found.asked("info", "incoming")) == ("ref",)
