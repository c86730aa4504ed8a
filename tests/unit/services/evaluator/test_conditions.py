"""Every condition: what holds, what does not, and what it says it saw."""

from typing import Any, get_args

import pytest

from schemas.condition import Group, Leaf
from schemas.mail import MailArrived
from services.evaluator.conditions.registry import GROUPS, LEAVES, compile_condition, sentence
from services.evaluator.facts import Facts
from services.evaluator.wording.languages import LANGUAGES
from services.evaluator.wording.words import words_in
from tests.unit.services.evaluator.making import condition, event

Case = tuple[dict[str, Any], dict[str, Any], bool, str]

SENDER: list[Case] = [
    ({"equals": ["anna@example.com"]}, {}, True, "anna@example.com"),
    ({"equals": ["ANNA@Example.COM"]}, {}, True, "anna@example.com"),
    ({"equals": ["other@example.com", "anna@example.com"]}, {}, True, "anna@example.com"),
    ({"equals": ["anna@example"]}, {}, False, "anna@example.com"),
    ({"starts": ["anna@"]}, {}, True, "anna@example.com"),
    ({"starts": ["na@"]}, {}, False, "anna@example.com"),
    ({"ends": ["@example.com"]}, {}, True, "anna@example.com"),
    ({"contains": ["a@e"]}, {}, True, "anna@example.com"),
    ({"contains": ["a"]}, {"sender": None}, False, "no sender"),
    ({"contains": ["a"]}, {"sender": ""}, False, "no sender"),
    ({"equals": ["postmaster"]}, {"sender": "Postmaster"}, True, "Postmaster"),
    ({"equals": ["jo@MÜNCHEN.example"]}, {"sender": "jo@xn--mnchen-3ya.example"}, True, "jo@xn--mnchen-3ya.example"),
    ({"equals": ["jo@xn--mnchen-3ya.example"]}, {"sender": "jo@münchen.example"}, True, "jo@münchen.example"),
    ({"ends": ["münchen.example"]}, {"sender": "jo@xn--mnchen-3ya.example"}, True, "jo@xn--mnchen-3ya.example"),
    ({"equals": ["JÜRGEN@example.com"]}, {"sender": "ju\u0308rgen@example.com"}, True, "ju\u0308rgen@example.com"),
]
DOMAIN: list[Case] = [
    ({"equals": ["example.com"]}, {}, True, "example.com"),
    ({"equals": ["@Example.COM."]}, {}, True, "example.com"),
    ({"equals": ["ample.com"]}, {}, False, "example.com"),
    ({"equals": ["com"]}, {}, False, "example.com"),
    ({"equals": ["example.com"]}, {"sender": "a@mail.example.com"}, False, "mail.example.com"),
    ({"equals": ["example.com"], "subdomains": True}, {"sender": "a@mail.example.com"}, True, "mail.example.com"),
    ({"equals": ["example.com"], "subdomains": True}, {}, True, "example.com"),
    ({"equals": ["example.com"], "subdomains": True}, {"sender": "a@notexample.com"}, False, "notexample.com"),
    ({"equals": ["münchen.example"]}, {"sender": "a@xn--mnchen-3ya.example"}, True, "xn--mnchen-3ya.example"),
    ({"equals": ["xn--mnchen-3ya.example"]}, {"sender": "a@MÜNCHEN.example"}, True, "xn--mnchen-3ya.example"),
    ({"equals": ["example.com"]}, {"sender": None}, False, "no sender domain"),
    ({"equals": ["."], "subdomains": True}, {"sender": "postmaster"}, False, "no sender domain"),
    ({"equals": ["x"]}, {"sender": "a@"}, False, "no sender domain"),
]
SUBJECT: list[Case] = [
    ({"contains": ["INVOICE"]}, {}, True, "Invoice 4711"),
    ({"contains": ["bill", "4711"]}, {}, True, "Invoice 4711"),
    ({"starts": ["invoice"]}, {}, True, "Invoice 4711"),
    ({"ends": ["invoice"]}, {}, False, "Invoice 4711"),
    ({"equals": ["invoice 4711"]}, {}, True, "Invoice 4711"),
    ({"equals": ["invoice"]}, {}, False, "Invoice 4711"),
    ({"contains": ["STRASSE"]}, {"subject": "Hauptstraße"}, True, "Hauptstraße"),
    ({"contains": ["Ü"]}, {"subject": "u\u0308ber"}, True, "u\u0308ber"),
    ({"contains": ["x"]}, {"subject": ""}, False, ""),
    ({"contains": ["z"]}, {"subject": "y" * 300}, False, "y" * 199 + "…"),
]
MATCHES: list[Case] = [
    ({"matches": [r"^invoice \d{4}$"]}, {}, True, "Invoice 4711"),
    ({"matches": [r"^\d", r"\d$"]}, {}, True, "Invoice 4711"),
    ({"matches": [r"^\d"]}, {}, False, "Invoice 4711"),
    ({"matches": ["^Ü.er$"]}, {"subject": "u\u0308ber"}, True, "u\u0308ber"),
    ({"matches": ["strasse"]}, {"subject": "Hauptstraße"}, False, "Hauptstraße"),
    ({"matches": ["(a+)+$"]}, {"subject": "a" * 50 + "!"}, False, "a" * 50 + "!"),
]
SENDER_MATCHES: list[Case] = [
    ({"matches": [r"@münchen\.example$"]}, {"sender": "jo@xn--mnchen-3ya.example"}, True, "jo@xn--mnchen-3ya.example"),
    ({"matches": ["."]}, {"sender": None}, False, "no sender"),
]
TO, CC = ({"address": "Sales@Example.com"}, {"address": "jo@xn--mnchen-3ya.example"}), ({"address": "ann@b.example"},)
RECIPIENT: list[Case] = [
    ({"equals": ["sales@example.com"]}, {"to": TO}, True, "Sales@Example.com, jo@xn--mnchen-3ya.example"),
    ({"equals": ["ann@b.example"]}, {"to": TO[:1], "cc": CC}, True, "Sales@Example.com, ann@b.example"),
    ({"equals": ["ann@b.example"], "in": "to"}, {"to": TO[:1], "cc": CC}, False, "Sales@Example.com"),
    ({"ends": ["@b.example"], "in": "cc"}, {"to": TO, "cc": CC}, True, "ann@b.example"),
    ({"contains": ["sales"], "in": "cc"}, {"to": TO, "cc": CC}, False, "ann@b.example"),
    ({"ends": ["@MÜNCHEN.example"]}, {"to": TO[1:]}, True, "jo@xn--mnchen-3ya.example"),
    ({"matches": [r"@m.nchen\.example$"], "in": "to"}, {"to": TO[1:]}, True, "jo@xn--mnchen-3ya.example"),
    ({"matches": ["^ann@"], "in": "cc"}, {"cc": CC}, True, "ann@b.example"),
    ({"matches": ["^ann@"]}, {"cc": CC}, True, "ann@b.example"),
    ({"equals": ["undisclosed"]}, {"to": ({"address": " Undisclosed"},)}, True, " Undisclosed"),
    ({"contains": ["a"]}, {}, False, "no recipient"),
    ({"contains": ["a"]}, {"to": ({"address": ""},)}, False, "no recipient"),
]
HEADERS = (("Received", "from a"), ("received", "from  B\tby c"), ("X-Empty", ""))
HEADER: list[Case] = [
    ({"name": "RECEIVED", "equals": ["from a"]}, {"headers": HEADERS}, True, "from a | from B by c"),
    ({"name": "Received", "starts": ["FROM B  by"]}, {"headers": HEADERS}, True, "from a | from B by c"),
    ({"name": "Received", "ends": ["d"]}, {"headers": HEADERS}, False, "from a | from B by c"),
    ({"name": "Received", "matches": [r"\bby c$"]}, {"headers": HEADERS}, True, "from a | from B by c"),
    ({"name": "X-Other", "contains": ["a"]}, {"headers": HEADERS}, False, "no such header"),
    ({"name": "X-Other", "matches": [".*"]}, {"headers": HEADERS}, False, "no such header"),
    ({"name": "x-empty", "present": True}, {"headers": HEADERS}, True, ""),
    ({"name": "x-empty", "present": False}, {"headers": HEADERS}, False, ""),
    ({"name": "X-Other", "present": True}, {"headers": HEADERS}, False, "no such header"),
    ({"name": "X-Other", "present": False}, {}, True, "no such header"),
]
TEXT = "  Dear\r\n\tAnn,\xa0your  Hauptstraße\n"
EXCERPT: list[Case] = [
    ({"starts": ["dear ann"]}, {"excerpt": TEXT}, True, "Dear Ann, your Hauptstraße"),
    ({"contains": ["Ann,  YOUR"]}, {"excerpt": TEXT}, True, "Dear Ann, your Hauptstraße"),
    ({"starts": ["Dea "]}, {"excerpt": TEXT}, False, "Dear Ann, your Hauptstraße"),
    ({"ends": ["hauptstrasse"]}, {"excerpt": TEXT}, True, "Dear Ann, your Hauptstraße"),
    ({"equals": ["Dear Ann"]}, {"excerpt": TEXT}, False, "Dear Ann, your Hauptstraße"),
    ({"matches": ["^dear ann, .*straße$"]}, {"excerpt": TEXT}, True, "Dear Ann, your Hauptstraße"),
    ({"contains": [" "]}, {"excerpt": ""}, False, "no text"),
    ({"matches": ["a"]}, {"excerpt": " \n"}, False, "no text"),
]
ATTACHMENTS: list[Case] = [
    ({"present": True}, {"attachments": 1}, True, "1 attachment"),
    ({"present": True}, {"attachments": 0}, False, "none"),
    ({"present": False}, {"attachments": 2}, False, "2 attachments"),
    ({"present": False}, {"attachments": 0}, True, "none"),
]
FILES = (
    {"name": "Rechnung-Süd.PDF", "content_type": "application/pdf", "size": 3_000_000},
    {"name": "", "content_type": "Image/PNG", "size": 100},
)
SEEN = "Rechnung-Süd.PDF (application/pdf, 3,000,000 bytes); no name (Image/PNG, 100 bytes)"
FILE: list[Case] = [
    ({"present": True, "name": {"ends": [".pdf"]}}, {"attachments": FILES}, True, SEEN),
    ({"present": False, "name": {"ends": [".pdf"]}}, {"attachments": FILES}, False, SEEN),
    ({"present": True, "name": {"matches": [r"^rechnung-s.d\.pdf$"]}}, {"attachments": FILES}, True, SEEN),
    ({"present": True, "name": {"ends": [".doc"]}}, {"attachments": FILES}, False, SEEN),
    ({"present": True, "content_type": ["image/*"]}, {"attachments": FILES}, True, SEEN),
    ({"present": True, "content_type": ["APPLICATION/pdf"]}, {"attachments": FILES}, True, SEEN),
    ({"present": True, "content_type": ["application/pd"]}, {"attachments": FILES}, False, SEEN),
    ({"present": True, "content_type": ["image/*"], "larger_than": 100}, {"attachments": FILES}, False, SEEN),
    ({"present": True, "content_type": ["image/*"], "smaller_than": "1 kB"}, {"attachments": FILES}, True, SEEN),
    ({"present": True, "larger_than": "2 MB"}, {"attachments": FILES}, True, SEEN),
    ({"present": False, "larger_than": "3 MB"}, {"attachments": FILES}, True, SEEN),
    ({"present": False, "larger_than": 0}, {"attachments": ()}, True, "none"),
]
BERLIN = {"time_zone": "Europe/Berlin"}


def at(moment: str) -> dict[str, Any]:
    return {"received_at": moment}


NOON_SEEN = "received on Sunday, 2026-03-01 12:00 (UTC)"
DATE: list[Case] = [
    ({"on_or_after": "2026-03-01"}, {}, True, NOON_SEEN),
    ({"on_or_after": "2026-03-02"}, {}, False, NOON_SEEN),
    ({"before": "2026-03-01"}, {}, False, NOON_SEEN),
    ({"on_or_after": "2026-02-28", "before": "2026-03-02"}, {}, True, NOON_SEEN),
    (
        {"on_or_after": "2026-01-01", **BERLIN},
        at("2025-12-31T23:00:00Z"),
        True,
        "received on Thursday, 2026-01-01 00:00 (Europe/Berlin)",
    ),
    (
        {"on_or_after": "2026-01-01"},
        at("2026-01-01T00:30:00+01:00"),
        False,
        "received on Wednesday, 2025-12-31 23:30 (UTC)",
    ),
    (
        {"before": "2026-01-01", **BERLIN},
        at("9999-12-31T23:30:00Z"),
        False,
        "received on Friday, 9999-12-31 23:30 (Europe/Berlin)",
    ),
]
OFFICE = {"days": ["mon", "tue", "wed", "thu", "fri"], "from": "09:00", "to": "17:30", **BERLIN}
NIGHT = {"days": ["fri"], "from": "22:00", "to": "06:00", **BERLIN}
_HOURS: list[tuple[dict[str, Any], str, bool, str]] = [
    (OFFICE, "2026-03-27T08:00:00Z", True, "Friday, 2026-03-27 09:00"),
    (OFFICE, "2026-03-27T07:59:59Z", False, "Friday, 2026-03-27 08:59"),
    (OFFICE, "2026-03-30T07:00:00Z", True, "Monday, 2026-03-30 09:00"),  # clocks were put forward on the 29th
    (OFFICE, "2026-03-30T15:30:00Z", False, "Monday, 2026-03-30 17:30"),
    (OFFICE, "2026-03-30T15:29:59Z", True, "Monday, 2026-03-30 17:29"),
    (OFFICE, "2026-03-28T10:00:00Z", False, "Saturday, 2026-03-28 11:00"),
    ({**OFFICE, "closed": ["2026-03-27"]}, "2026-03-27T10:00:00Z", False, "Friday, 2026-03-27 11:00"),
    (NIGHT, "2026-03-27T21:00:00Z", True, "Friday, 2026-03-27 22:00"),
    (NIGHT, "2026-03-28T04:59:00Z", True, "Saturday, 2026-03-28 05:59"),
    (NIGHT, "2026-03-28T05:00:00Z", False, "Saturday, 2026-03-28 06:00"),
    (NIGHT, "2026-03-28T21:00:00Z", False, "Saturday, 2026-03-28 22:00"),
    ({**NIGHT, "closed": ["2026-03-27"]}, "2026-03-28T01:00:00Z", False, "Saturday, 2026-03-28 02:00"),
    ({"days": ["sun"], **BERLIN}, "2026-10-25T22:59:00Z", True, "Sunday, 2026-10-25 23:59"),
]
HOURS: list[Case] = [
    ({**asked, "inside": inside}, at(moment), held is inside, f"received on {seen} (Europe/Berlin)")
    for asked, moment, held, seen in _HOURS
    for inside in (True, False)
]
_PAIRS = (
    ("is_reply", True, False, "reply", "new"),
    ("first_contact", True, False, "first_contact", "known_sender"),
    ("answered", True, False, "answered", "unanswered"),
    ("automatic", ("auto-submitted",), (), "automatic", "personal"),
)
REPLY_STATE: list[Case] = [
    case
    for field, yes, no, positive, negative in _PAIRS
    for case in (
        ({"equals": positive}, {field: yes}, True, positive),
        ({"equals": positive}, {field: no}, False, negative),
        ({"equals": negative}, {field: yes}, False, positive),
        ({"equals": negative}, {field: no}, True, negative),
    )
]
CASES = [
    ({"type": kind, **asked}, given, held, seen)
    for kind, cases in (
        ("sender", SENDER),
        ("sender_domain", DOMAIN),
        ("subject", SUBJECT),
        ("subject", MATCHES),
        ("sender", SENDER_MATCHES),
        ("recipient", RECIPIENT),
        ("header", HEADER),
        ("excerpt", EXCERPT),
        ("attachments", ATTACHMENTS),
        ("attachments", FILE),
        ("date", DATE),
        ("business_hours", HOURS),
        ("reply_state", REPLY_STATE),
    )
    for asked, given, held, seen in cases
]


MORE = ("to", "cc", "headers", "excerpt", "received_at")


def made(given: dict[str, Any]) -> MailArrived:
    """A mail; fields that the shared maker does not know are put on top."""
    files = ("attachments",) if isinstance(given.get("attachments"), tuple) else ()
    extra = {name: value for name, value in given.items() if name in MORE + files}
    plain = event(**{name: value for name, value in given.items() if name not in extra})
    return MailArrived.model_validate({**dict(plain), **extra})


@pytest.mark.parametrize(("asked", "given", "held", "seen"), CASES)
def test_a_leaf_holds_and_explains_itself(asked: dict[str, Any], given: dict[str, Any], held: bool, seen: str) -> None:
    check, facts = compile_condition(condition(asked)), Facts(made(given))
    assert check.holds(facts) is held
    (finding,) = check.findings(facts)
    assert (finding.path, finding.held, finding.seen) == (asked["type"], held, seen)
    assert finding.expected


def test_every_condition_of_the_contract_is_known() -> None:
    assert set(LEAVES) == set(get_args(Leaf))
    assert set(GROUPS) == set(get_args(Group))


@pytest.mark.parametrize(
    "asked", [asked for asked, _, _, _ in CASES] + [{"any": [{"type": "attachments", "present": True}]}]
)
def test_every_condition_has_a_sentence(asked: dict[str, Any]) -> None:
    words = sentence(condition(asked), words_in(LANGUAGES["en"]))
    assert words
    assert not words.endswith(".")


def test_what_a_condition_shows_is_bounded() -> None:
    values = ["x" * 500] * 1000
    check = compile_condition(condition({"type": "subject", "contains": values}))
    (finding,) = check.findings(Facts(event(subject="s" * 200_000)))
    assert len(finding.expected) == 200
    assert len(finding.seen) == 200
