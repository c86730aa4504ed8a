"""The sample rules on the sample mail: all conditions and actions are shown, each mail is treated as its name says."""

from pathlib import Path
from typing import get_args
from uuid import UUID

import pytest

from cli.rule_files import load_rule_file
from schemas.action import ACTION_TYPES
from schemas.condition import Group, Leaf, members
from schemas.decision import Decision
from schemas.ids import event_id
from schemas.mail import ContentReference, MailArrived, Origin, ReplyState
from services.evaluator.attempt import attempt_of
from services.evaluator.evaluate import Evaluation, evaluate
from services.evaluator.explain import explain
from services.ingest.identity import content_digest
from services.ingest.parse.mail import parse_mail
from tests.unit.services.evaluator.making import NOON, mailbox, ruleset

EXAMPLES = Path(__file__).parents[3] / "examples"
RULES = load_rule_file(EXAMPLES / "rules.yaml").rules
MAILS = sorted((EXAMPLES / "mail").glob("*.eml"))

EXPECTED = {
    "01-enquiry": ["new-enquiry"],
    "02-enquiry-follow-up": ["replies"],
    "03-newsletter": ["newsletters"],
    "04-out-of-office": [],
    "05-invoice-with-attachment": ["invoices", "partner-mail"],
    "06-vip": ["vip"],
    "07-umlauts": ["vip", "new-enquiry"],
    "08-broken-mime": [],
    "09-no-message-id": [],
    "10-html-only": ["new-enquiry"],
    "11-reply-to-us": ["replies"],
    "12-partner-ceo": ["vip", "partner-mail"],
    "13-bounce": [],
    "14-enquiry-fetched-twice": ["new-enquiry"],
}


def arrived(path: Path) -> MailArrived:
    """The sample as an event of a mailbox that never saw its sender before."""
    raw = path.read_bytes()
    parsed = parse_mail(raw)
    return MailArrived(
        event_id=event_id("incoming", "support", content_digest(raw)),
        mailbox="support",
        conversation=UUID(int=1),
        message_id=parsed.message_id,
        sender=parsed.sender,
        subject=parsed.subject,
        received_at=NOON,
        recorded_at=NOON,
        attachments=parsed.attachments,
        reply_state=ReplyState(
            is_reply=bool(parsed.in_reply_to or parsed.references),
            first_contact=True,
            answered=False,
            automatic=parsed.automatic,
        ),
        content=ContentReference(uri="x", digest="d", header_digest="h", size=len(raw)),
        origin=Origin(kind="eml", folder="", uid="1"),
    )


def treated(name: str) -> Evaluation:
    return evaluate(ruleset(RULES), arrived(EXAMPLES / "mail" / f"{name}.eml"))


def matched(decision: Decision) -> list[str]:
    return [verdict.rule.id for verdict in decision.verdicts if verdict.outcome == "matched"]


@pytest.mark.parametrize(("name", "rules"), EXPECTED.items())
def test_each_mail_is_treated_as_its_name_says(name: str, rules: list[str]) -> None:
    assert matched(treated(name).decision) == rules


def test_there_are_no_other_mails() -> None:
    assert [path.stem for path in MAILS] == list(EXPECTED)


def test_the_newsletter_stops_the_rest_and_two_rules_fight_over_the_invoice() -> None:
    _, second, *_ = explain(ruleset(RULES), attempt_of(arrived(EXAMPLES / "mail/03-newsletter.eml")))
    assert second.reason == "stopped by rule newsletters"
    _, partner = treated("05-invoice-with-attachment").commands
    assert partner.slip[0].skip == "conflict: rule invoices moves this message"


def test_the_duplicate_is_the_same_event_and_all_others_differ() -> None:
    ids = [arrived(path).event_id for path in MAILS]
    assert ids[0] == ids[-1]
    assert len(set(ids)) == len(ids) - 1


def test_the_samples_are_as_varied_as_they_claim() -> None:
    assert arrived(EXAMPLES / "mail/09-no-message-id.eml").message_id is None
    assert parse_mail((EXAMPLES / "mail/08-broken-mime.eml").read_bytes()).defects
    assert arrived(EXAMPLES / "mail/07-umlauts.eml").subject == "Anfrage: Bürostühle für die Hauptstraße 12"


def test_the_rules_show_every_condition_and_every_action() -> None:
    waiting: list[Leaf | Group] = [rule.when for rule in RULES]
    kinds: set[type] = set()
    while waiting:
        condition = waiting.pop()
        kinds.add(type(condition))
        waiting += members(condition)
    assert kinds == set(get_args(Leaf)) | set(get_args(Group))
    assert {action.type for rule in RULES for action in rule.actions} == set(ACTION_TYPES)
    assert {rule.trigger for rule in RULES} == {"incoming", "after_send", "manual"}
    assert {rule.enabled for rule in RULES} == {True, False}


def test_the_mailboxes_are_valid_and_one_is_switched_off() -> None:
    boxes = load_rule_file(EXAMPLES / "mailboxes.yaml").mailboxes
    assert {each.id: each.automation for each in boxes} == {"support": True, "archive-2025": False}
    assert mailbox().id in {each.id for each in boxes}


def test_the_mailbox_that_lies_in_odoo() -> None:
    found = load_rule_file(EXAMPLES / "odoo-mailbox.yaml")
    assert [box.source.kind for box in found.mailboxes] == ["odoo"]
    assert [rule.id for rule in found.rules] == ["waiting-customers", "key-customers"]
