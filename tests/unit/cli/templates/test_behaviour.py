"""What the rules of each template match once they are switched on: people, and never automatic mail or spam."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest

from cli.templates.library import templates
from schemas.decision import Decision
from schemas.mail import MailArrived
from services.evaluator.dead_rules.findings import dead_rules
from services.evaluator.evaluate import evaluate
from services.ingest.parse.mail import parse_mail
from tests.unit.cli.templates.making_rules import NEEDED, example_values, made_of
from tests.unit.services.evaluator.making import event, ruleset

AUTOMATIC = [
    "Auto-Submitted: auto-replied",
    "Auto-Submitted: auto-generated",
    "Precedence: bulk",
    "Precedence: list",
    "Precedence: junk",
    "List-Id: <news.example>",
    "List-Unsubscribe: <mailto:x@news.example>",
    "X-Auto-Response-Suppress: All",
    "X-Loop: support@company.example",
    "X-Autoreply: yes",
    "Content-Type: multipart/report; report-type=delivery-status; boundary=x",
]
SPAM = ["X-Spam-Flag: YES", "X-Spam-Status: Yes, score=9.1 required=5.0"]
PERSON = "From: Ann <ann@vip.example.org>\nTo: support@company.example\nSubject: An offer\n"


def mail(headers: str, body: str = "Hello, could you send me a price?") -> MailArrived:
    """A mail that starts a conversation, as ingest would publish it."""
    parsed = parse_mail(f"{headers.strip()}\n\n{body}\n".encode())
    facts = ("sender", "to", "cc", "subject", "headers", "excerpt", "attachments", "in_reply_to", "references")
    told = event(automatic=parsed.automatic, is_reply=bool(parsed.in_reply_to or parsed.references))
    return told.model_copy(update={name: getattr(parsed, name) for name in facts})


def matches(name: str, arrived: MailArrived, values: Mapping[str, Any] | None = None) -> bool:
    """Whether the template's rule, switched on, matches the mail."""
    made = made_of(name, {**NEEDED[name], **(values or {})})
    on = [rule.model_copy(update={"enabled": True}) for rule in made.rules]
    decision: Decision = evaluate(ruleset(on), arrived).decision
    return [verdict.rule.id for verdict in decision.verdicts if verdict.outcome == "matched"] == ["mine"]


@pytest.mark.parametrize("name", list(NEEDED))
def test_a_person_is_matched(name: str) -> None:
    assert matches(name, mail(PERSON))


@pytest.mark.parametrize("name", list(NEEDED))
@pytest.mark.parametrize("header", AUTOMATIC + SPAM)
def test_automatic_mail_and_spam_never_are(name: str, header: str) -> None:
    assert not matches(name, mail(f"{PERSON}{header}\n"))


@pytest.mark.parametrize("name", list(NEEDED))
@pytest.mark.parametrize(
    "sender", ["MAILER-DAEMON@vip.example.org", "noreply@vip.example.org", "postmaster@vip.example.org"]
)
def test_addresses_of_programs_never_are(name: str, sender: str) -> None:
    assert not matches(name, mail(PERSON.replace("ann@vip.example.org", sender)))


@pytest.mark.parametrize("name", list(NEEDED))
@pytest.mark.parametrize("given", ["least", "examples"])
def test_no_rule_that_is_switched_on_is_dead(name: str, given: str) -> None:
    made = made_of(name, NEEDED[name] if given == "least" else example_values(templates()[name]))
    on = [rule.model_copy(update={"enabled": True}) for rule in made.rules]
    assert list(dead_rules(on, date(2026, 12, 31))) == []


REPLY = f"{PERSON}In-Reply-To: <1@x.example>\n"


@pytest.mark.parametrize(
    ("name", "values", "headers", "expected"),
    [
        ("crm-intake", {}, REPLY, False),
        ("acknowledgement", {}, REPLY, False),
        ("helpdesk-intake", {}, REPLY, True),
        ("vacation", {}, REPLY, True),
        ("vip-routing", {}, REPLY, True),
        ("crm-intake", {"words": ["offer", "price"]}, PERSON, True),
        ("crm-intake", {"words": ["PRICE"]}, PERSON.replace("An offer", "Hi"), True),
        ("crm-intake", {"words": ["invoice"]}, PERSON, False),
        ("crm-intake", {"recipients": ["support@company.example"]}, PERSON, True),
        ("crm-intake", {"recipients": ["sales@company.example"]}, PERSON, False),
        ("crm-intake", {"except_domains": ["example.org"]}, PERSON, False),
        ("helpdesk-intake", {"except_domains": ["vip.example.org"]}, PERSON, False),
        ("acknowledgement", {"except_domains": ["other.example"]}, PERSON, True),
        ("vacation", {"except_domains": ["vip.example.org"]}, PERSON, False),
        ("vacation", {}, PERSON.replace("An offer", "[SPAM] An offer"), False),
        ("channel-notification", {"domains": ["example.org"]}, PERSON, True),
        ("channel-notification", {"domains": ["example.com"]}, PERSON, False),
        ("vip-routing", {"domains": None, "addresses": ["ANN@vip.example.org"]}, PERSON, True),
        ("vip-routing", {"domains": None, "addresses": ["ben@vip.example.org"]}, PERSON, False),
        ("vip-routing", {"domains": ["other.example"]}, PERSON, False),
    ],
)
def test_parameters_decide(name: str, values: dict[str, Any], headers: str, *, expected: bool) -> None:
    assert matches(name, mail(headers), values) is expected
