"""What is found, and in which words."""

from datetime import date
from typing import Any

import pytest

from services.evaluator.dead_rules.findings import dead_rules
from tests.unit.services.evaluator.making import rule

TODAY = date(2026, 6, 15)
STATE = {"reply": {"type": "reply_state", "equals": "reply"}, "new": {"type": "reply_state", "equals": "new"}}
ODOO = {"type": "odoo_domain", "on": "partner", "domain": [["name", "=", "x"]]}
WINDOW = {"id": "s", "type": "star", "window": {"before": "2026-06-01"}}


def subject(**comparison: Any) -> dict[str, Any]:
    return {"type": "subject", **comparison}


def sender(**comparison: Any) -> dict[str, Any]:
    return {"type": "sender", **comparison}


def domain(*names: str, below: bool = False) -> dict[str, Any]:
    return {"type": "sender_domain", "equals": names, "subdomains": below}


def hours(*days: str, inside: bool = True, span: str = "", closed: tuple[str, ...] = ()) -> dict[str, Any]:
    ends = dict(zip(("from", "to"), span.split("-"), strict=True)) if span else {}
    return {"type": "business_hours", "days": days, "inside": inside, "closed": closed, **ends}


def day(**bounds: str) -> dict[str, Any]:
    return {"type": "date", **bounds}


def attachments(*, present: bool, **more: Any) -> dict[str, Any]:
    return {"type": "attachments", "present": present, **more}


def header(**more: Any) -> dict[str, Any]:
    return {"type": "header", "name": "X-A", **more}


def state(word: str) -> dict[str, Any]:
    return {"type": "reply_state", "equals": word}


def everyone(*conditions: Any) -> dict[str, Any]:
    return {"all": conditions}


def never(*conditions: Any) -> dict[str, Any]:
    return {"none": conditions}


@pytest.mark.parametrize(
    "when",
    [
        everyone(state("reply"), state("new")),
        everyone(state("first_contact"), state("known_sender")),
        everyone(state("answered"), never(state("answered"))),
        everyone(state("automatic"), state("personal")),
        everyone(domain("a.example"), domain("b.example")),
        everyone(domain("a.example"), never(domain("example", below=True))),
        everyone(domain("a.example", below=True), domain("b.example", below=True)),
        everyone(sender(equals=["a@a.example"]), domain("b.example")),
        everyone(sender(ends=["@a.example"]), domain("b.example", below=True)),
        everyone(domain("a.example"), never(sender(ends=["a.example"]))),
        everyone(sender(equals=["a@x.example"]), sender(equals=["b@x.example"])),
        everyone(sender(equals=["a@x.example"]), sender(starts=["b@"])),
        everyone(subject(equals=["Invoice"]), subject(ends=["bill"])),
        everyone(subject(equals=["a", "b"]), never(subject(equals=["A"]), subject(equals=["B"]))),
        everyone(subject(starts=["Re:"]), subject(starts=["Fwd:"])),
        everyone(subject(contains=["invoice"]), never(subject(contains=["voice"]))),
        everyone(subject(matches=["^x"]), never(subject(matches=["y", "^x"]))),
        everyone(header(present=False), header(contains=["x"])),
        everyone(
            attachments(present=True, content_type=["image/png"]), attachments(present=False, content_type=["image/*"])
        ),
        everyone(attachments(present=True), attachments(present=False)),
        everyone(day(before="2026-01-01"), day(on_or_after="2026-01-01")),
        everyone(day(before="2026-01-01"), day(on_or_after="2026-01-03", time_zone="Asia/Tokyo")),
        everyone(hours("mon"), hours("tue")),
        everyone(hours("mon"), hours("mon", "tue", inside=False)),
        everyone(ODOO, never(ODOO)),
        never(everyone()),
        {"any": [everyone(state("reply"), state("new")), never(everyone())]},
        everyone(
            {"any": [subject(equals=["a"]), subject(equals=["b"])]},
            {"any": [subject(equals=["c"]), state("new")]},
            state("reply"),
        ),
    ],
)
def test_what_can_never_match(when: Any) -> None:
    (found,) = dead_rules([rule("r", when=when, enabled=False)], TODAY)
    assert (found.kind, found.rule, found.certain_mistake) == ("never", "r", True)


@pytest.mark.parametrize(
    "when",
    [
        everyone(),
        everyone(state("reply"), state("answered"), state("automatic"), state("first_contact")),
        everyone(domain("example", below=True), domain("a.example")),
        everyone(sender(equals=["a@straße.example"]), sender(equals=["a@xn--strae-oqa.example"])),
        everyone(sender(ends=["@strasse.example"]), domain("straße.example")),
        everyone({"type": "recipient", "equals": ["a@x"]}, {"type": "recipient", "equals": ["b@x"]}),
        everyone(header(equals=["a"]), header(equals=["b"])),
        everyone(subject(starts=["a"]), subject(ends=["b"]), subject(contains=["c"])),
        everyone(subject(equals=["straße"]), subject(matches=["straße"])),
        everyone(attachments(present=True, larger_than=5), attachments(present=False, larger_than=6)),
        everyone(day(before="2027-01-01"), day(on_or_after="2027-01-02", time_zone="Asia/Tokyo")),
        everyone(hours("mon"), hours("mon", inside=False, closed=("2026-01-05",))),
        {"any": [ODOO, never(ODOO)]},
    ],
)
def test_what_may_match_is_not_reported(when: Any) -> None:
    assert dead_rules([rule("r", when=when)], TODAY) == []


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        (everyone(), subject(contains=["x"])),
        (subject(contains=["voice"]), subject(contains=["invoice", "voices"])),
        (subject(contains=["voice"]), everyone(subject(equals=["My invoice"]), state("new"))),
        (subject(equals=["a", "b"]), {"any": [subject(equals=["A"]), subject(equals=["b"])]}),
        ({"any": [subject(starts=["a"]), state("reply")]}, state("reply")),
        (domain("acme.example", below=True), domain("mail.acme.example")),
        (domain("acme.example"), sender(ends=["@acme.example"])),
        (sender(ends=["acme.example"]), domain("acme.example", below=True)),
        (never(subject(contains=["invoice"])), never(subject(contains=["voice"]))),
        ({"any": [state("reply"), state("new")]}, subject(contains=["x"])),
        (hours("mon", "tue", span="08:00-18:00"), hours("mon", span="09:00-12:00")),
        (day(on_or_after="2027-01-01"), day(on_or_after="2027-02-01", before="2027-03-01")),
        (attachments(present=True), attachments(present=True, name={"ends": [".pdf"]})),
        (
            attachments(present=True, larger_than=5),
            attachments(present=True, larger_than=6, content_type=["image/png"]),
        ),
        (
            {"type": "recipient", "contains": ["sales@"]},
            {"type": "recipient", "in": "cc", "equals": ["sales@x.example"]},
        ),
        (header(present=True), header(contains=["x"])),
        (ODOO, everyone(ODOO, state("new"))),
    ],
)
def test_what_an_earlier_rule_hides(earlier: Any, later: Any) -> None:
    rules = [rule("late", when=later, order=2), rule("early", when=earlier, order=1, stop_processing=True)]
    (found,) = dead_rules(rules, TODAY)
    assert (found.kind, found.rule, found.by) == ("hidden", "late", "early")
    backwards = [rule("late", when=later, order=1), rule("early", when=earlier, order=2, stop_processing=True)]
    assert dead_rules(backwards, TODAY) == []


@pytest.mark.parametrize(
    "change",
    [
        {"stop_processing": False},
        {"enabled": False},
        {"mode": "shadow"},
        {"mailbox": "sales"},
        {"trigger": "after_send"},
        {"trigger": "manual"},
        {"when": ODOO},
    ],
)
def test_a_rule_that_does_not_stop_the_mail_hides_nothing(change: dict[str, Any]) -> None:
    early = rule("early", order=1, **{"stop_processing": True, **change})
    assert dead_rules([early, rule("late", when={"any": [ODOO, never(ODOO)]}, order=2)], TODAY) == []


def test_a_rule_that_is_off_or_run_by_hand_is_not_hidden() -> None:
    early = rule("early", order=1, stop_processing=True)
    assert dead_rules([early, rule("late", enabled=False), rule("hand", trigger="manual")], TODAY) == []


def test_equal_orders_go_by_id_and_a_watched_rule_is_hidden_too() -> None:
    rules = [rule("b", mode="shadow"), rule("a", stop_processing=True)]
    (found,) = dead_rules(rules, TODAY)
    assert (found.rule, found.by) == ("b", "a")


def test_the_words_name_the_places_and_the_remedy() -> None:
    dead = rule("r", when=everyone(subject(equals=["a"]), {"any": [state("new")]}, never(state("new"))))
    stop, late = rule("stop", order=3, stop_processing=True), rule("late", order=4)
    assert [each.text for each in dead_rules([dead, stop, late], TODAY)] == [
        "no mail reaches it: rule stop (order 3) is tried before it (order 4), matches every mail that it matches, "
        "and stops; give late a lower order, or stop narrower conditions",
        "it can never match: all[1].any[0].reply_state and all[2].none[0].reply_state exclude each other; "
        "change one of these conditions, or delete the rule",
    ][::-1]


def test_what_is_over_is_only_noted() -> None:
    over = rule("over", when=everyone(day(before="2026-06-01"), state("new")))
    shut, half = rule("shut", actions=[WINDOW]), rule("half", actions=[WINDOW, {"id": "t", "type": "star"}])
    found = dead_rules([over, shut, half], TODAY)
    assert [(each.kind, each.rule, each.certain_mistake) for each in found] == [
        ("past", "over", False),
        ("past", "shut", False),
    ]
    assert dead_rules([over, shut], date(2026, 6, 2)) == []


def test_very_many_rules_end_in_time_and_say_what_was_not_looked_at() -> None:
    rules = [rule(f"r{n:04}", when=subject(contains=[f"word {n:04}."]), stop_processing=True) for n in range(3000)]
    found = dead_rules([*rules, rule("r0000b", when=subject(contains=["word 0000.!"]))], TODAY)
    assert [(each.kind, each.rule, each.certain_mistake) for each in found][:1] == [("hidden", "r0000b", True)]
    assert [each.kind for each in found[1:]] == ["unchecked"]


@pytest.mark.parametrize(
    ("when", "remedy"),
    [
        (domain("*.acme.example"), "“*.acme.example” is no domain; write acme.example, and `subdomains: true`"),
        (domain("joe@acme.example"), "“joe@acme.example” is no domain; write acme.example"),
        (domain("a b"), "“a b” is no domain"),
        (sender(equals=["Acme Corp"]), "“Acme Corp” is no address, and the sender's name is not compared"),
        ({"none": [sender(equals=["*@acme.example"])]}, "“*@acme.example” is no address"),
    ],
)
def test_values_that_are_hardly_meant_are_noted(when: dict[str, Any], remedy: str) -> None:
    (found,) = dead_rules([rule("r", when=when)], TODAY)
    assert (found.kind, found.rule, found.certain_mistake) == ("doubtful", "r", False)
    assert remedy in found.text


@pytest.mark.parametrize(
    "when",
    [
        domain("acme.example", "münchen.example", "localhost"),
        sender(equals=["a@b.example"]),
        sender(contains=["Acme"]),
        sender(ends=["@acme.example"]),
    ],
)
def test_ordinary_values_are_not(when: dict[str, Any]) -> None:
    assert dead_rules([rule("r", when=when)], TODAY) == []
