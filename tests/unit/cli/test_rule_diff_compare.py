"""Comparing two rulesets mail by mail: per rule, over whole evaluations, and just as the evaluator decides."""

from collections import Counter
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from cli.rule_diff_compare import KINDS, Comparison, Kind
from schemas.facts import OdooFacts
from schemas.mail import MailArrived, MailSent
from schemas.rule import Rule
from services.evaluator.evaluate import evaluate
from services.evaluator.ruleset import Ruleset
from tests.unit.services.evaluator.making import NOON, event, mailbox, rule, ruleset, sent
from tests.unit.services.evaluator.test_domain_condition import GERMAN, partner

INVOICE = {"type": "subject", "contains": ["invoice"]}
OFFER = {"type": "subject", "contains": ["offer"]}
MOVE = [{"id": "mv", "type": "move_folder", "folder": "A"}]


def compared(before: Ruleset, after: Ruleset, *mails: MailArrived | MailSent, examples: int = 5) -> Comparison:
    found = Comparison(before, after, examples)
    for each in mails:
        found.take(each)
    return found


def counts(found: Comparison) -> dict[str, dict[Kind, int]]:
    """What is not zero."""
    different = {name: tally for name, tally in found.rules.items() if tally.different}
    return {name: {kind: n for kind, n in tally.counts.items() if n} for name, tally in different.items()}


def why(found: Comparison, name: str, kind: Kind) -> str:
    (example,) = found.rules[name].examples[kind]
    return example.why


def test_a_rule_that_matches_other_mails() -> None:
    before, after = ruleset([rule("r", when=INVOICE)]), ruleset([rule("r", when=OFFER)])
    found = compared(before, after, event(), event(subject="An offer"), event(subject="Hello"))
    assert counts(found) == {"r": {"gained": 1, "lost": 1}}
    assert (found.rules["r"].before, found.rules["r"].after) == (1, 1)
    assert (found.events, found.different, found.undecidable) == (3, 2, 0)
    assert why(found, "r", "lost") == "now: subject: does not hold; expected contains “offer”, saw 'Invoice 4711'"
    assert why(found, "r", "gained").startswith("before: subject: does not hold; expected contains “invoice”")


def test_a_rule_that_did_not_change_loses_what_another_one_stops_or_moves() -> None:
    behind = [rule("stopped", order=5), rule("moves", order=6, actions=MOVE)]
    stops = ruleset([rule("new", order=1, stop_processing=True), *behind])
    found = compared(ruleset(behind), stops, event())
    assert counts(found) == {"new": {"gained": 1}, "stopped": {"lost": 1}, "moves": {"lost": 1}}
    assert why(found, "stopped", "lost") == "now: stopped by rule new"
    assert why(found, "new", "gained") == "before: there is no such rule in the mailbox"
    found = compared(ruleset(behind), ruleset([rule("new", order=1, actions=MOVE), *behind]), event())
    assert counts(found) == {"new": {"gained": 1}, "moves": {"changed": 1}}
    assert why(found, "moves", "changed") == "mv: skipped, conflict: rule new moves this message"


def test_what_a_matching_rule_does_otherwise_is_said() -> None:
    two: list[dict[str, Any]] = [{"id": "act", "type": "star"}, {"id": "also", "type": "tag", "add": ["X"]}]
    shut = [{"id": "act", "type": "star", "window": {"days": ["mon"]}}]
    old = ruleset([rule("r", actions=two)])

    def said(new: Rule) -> str:
        return why(compared(old, ruleset([new]), event()), "r", "changed")

    assert said(rule("r")) == "also: the action is gone"
    assert said(rule("r", actions=[*two, {"id": "c", "type": "star"}])) == "c: a new action"
    assert said(rule("r", actions=two[::-1])) == "its actions come in another order"
    assert said(rule("r", actions=two, on_error="continue")) == "on_error: continue"
    assert said(rule("r", actions=two, mode="shadow")) == "now it is watched only"
    assert said(rule("r", actions=[{**two[0], "starred": False}, two[1]])) == "act: the action is another"
    assert said(rule("r", actions=[*shut, two[1]])).startswith("act: skipped, outside window: received on Sunday")


def test_names_and_orders_that_change_nothing_are_no_difference() -> None:
    old, new = [rule("a", order=1), rule("b", order=2)], [rule("a", order=2, name="A"), rule("b", order=1)]
    assert counts(compared(ruleset(old), ruleset(new), event())) == {}


def test_a_watched_rule_is_compared_by_its_verdict() -> None:
    old = ruleset([rule("r", mode="shadow", when=INVOICE)])
    again = ruleset([rule("r", mode="shadow", when=INVOICE, actions=MOVE)])
    assert counts(compared(old, again, event())) == {}
    assert counts(compared(old, ruleset([rule("r", mode="shadow", when=OFFER)]), event())) == {"r": {"lost": 1}}
    live = compared(old, ruleset([rule("r", when=INVOICE)]), event())
    assert why(live, "r", "changed") == "now it acts; before it was watched only"


def test_deleted_disabled_and_switched_off() -> None:
    old = ruleset([rule("r")])
    assert why(compared(old, ruleset([]), event()), "r", "lost") == "now: there is no such rule in the mailbox"
    assert why(compared(old, ruleset([rule("r", enabled=False)]), event()), "r", "lost") == "now: the rule is disabled"
    off = ruleset([rule("r")], mailbox(automation=False))
    assert why(compared(old, off, event()), "r", "lost") == "now: the mailbox is switched off"
    other = ruleset([rule("r", trigger="after_send")])
    assert why(compared(old, other, event()), "r", "lost") == "now: its trigger is after_send"
    assert counts(compared(old, other, sent())) == {"r": {"gained": 1}}
    assert counts(compared(old, ruleset([rule("r", trigger="manual")]), sent())) == {}


def mail(**odoo: Any) -> MailArrived:
    return event().model_copy(update={"odoo": OdooFacts(read_at=NOON, **odoo)})


def test_a_fact_that_is_not_there_is_never_a_mail_that_does_not_match() -> None:
    old, new = ruleset([rule("r")]), ruleset([rule("r", when=GERMAN)])
    found = compared(old, new, event(), mail(partner=partner("DE")), mail(partner=partner("FR")))
    assert counts(found) == {"r": {"lost": 1, "undecidable": 1}}
    assert (found.undecidable, found.different) == (1, 1)
    assert "cannot be told" in why(found, "r", "undecidable")
    unknown = compared(ruleset([]), new, event())
    assert counts(unknown) == {"r": {"undecidable": 1}}
    assert (unknown.undecidable, unknown.different) == (1, 0)
    assert counts(compared(new, new, event())) == {}
    assert counts(compared(new, old, event())) == {"r": {"gained": 1}}


def test_a_rule_rewritten_from_one_missing_fact_to_another_is_undecidable() -> None:
    other = {**GERMAN, "domain": [["country_id.code", "=", "FR"]]}
    assert counts(compared(ruleset([rule("r", when=GERMAN)]), ruleset([rule("r", when=other)]), event())) == {
        "r": {"undecidable": 1}
    }


def test_a_mail_that_still_waits_for_odoo_hides_no_rule_behind() -> None:
    behind = rule("behind", order=5)
    waits = rule("waits", order=1, when=GERMAN)
    found = compared(ruleset([behind]), ruleset([waits, behind]), mail(missing=("partner",)))
    assert counts(found) == {"waits": {"undecidable": 1}}


def test_examples_are_as_many_as_asked_for_and_the_counts_whole() -> None:
    mails = [event(subject=f"Invoice {number}") for number in range(9)]
    found = compared(ruleset([]), ruleset([rule("r")]), *mails, examples=2)
    assert found.rules["r"].counts["gained"] == 9
    assert [each.subject for each in found.rules["r"].examples["gained"]] == ["Invoice 0", "Invoice 1"]
    assert not compared(ruleset([]), ruleset([rule("r")]), *mails, examples=0).rules["r"].examples["gained"]


WORDS = ("invoice", "offer", "order")
CONDITIONS = st.sampled_from([{"type": "subject", "contains": [word]} for word in WORDS] + [GERMAN, {"all": []}])
ACTIONS = st.sampled_from(
    [MOVE, [{"id": "act", "type": "star"}], [{"id": "act", "type": "star", "window": {"days": ["mon"]}}, *MOVE]]
)


@st.composite
def rules_of(draw: st.DrawFn, identity: str) -> Rule:
    return rule(
        identity,
        order=draw(st.integers(1, 4)),
        when=draw(CONDITIONS),
        actions=draw(ACTIONS),
        enabled=draw(st.booleans() | st.just(value=True)),
        trigger=draw(st.sampled_from(["incoming", "incoming", "after_send", "manual"])),
        mode=draw(st.sampled_from(["live", "live", "shadow"])),
        stop_processing=draw(st.booleans()),
    )


@st.composite
def rulesets(draw: st.DrawFn) -> Ruleset:
    names = draw(st.sets(st.sampled_from("abcde"), max_size=5))
    off = draw(st.sampled_from(["", "", "", "after_send", "automation"]))
    box = mailbox().model_copy(update={off: False} if off else {})
    return ruleset([draw(rules_of(name)) for name in sorted(names)], box)


ODOO = [None, OdooFacts(read_at=NOON, partner=partner("DE")), OdooFacts(read_at=NOON, partner=partner("FR"))]
MAILS = st.builds(
    lambda words, odoo, out: (sent if out else event)(subject=" ".join(words)).model_copy(
        update={"odoo": odoo, "event_id": UUID(int=1)}
    ),
    st.lists(st.sampled_from(WORDS), max_size=3),
    st.sampled_from(ODOO),
    st.booleans(),
)


@given(rulesets(), st.lists(MAILS, max_size=4))
@settings(deadline=None)
def test_a_ruleset_compared_with_itself_differs_nowhere(rules: Ruleset, mails: Sequence[MailArrived]) -> None:
    found = compared(rules, rules, *mails)
    assert (counts(found), found.different, found.undecidable) == ({}, 0, 0)


@given(rulesets(), rulesets(), st.lists(MAILS, min_size=1, max_size=4))
@settings(deadline=None, max_examples=200)
def test_counts_are_those_of_evaluating_every_mail_twice(
    old: Ruleset, new: Ruleset, mails: Sequence[MailArrived]
) -> None:
    found = compared(old, new, *mails)
    expected: dict[str, Counter[str]] = {}
    for each in mails:
        before, after = outcomes(old, each), outcomes(new, each)
        for name in {**before, **after}:
            expected.setdefault(name, Counter()).update(
                differences(before.get(name), after.get(name), rewritten=_when(old, name) != _when(new, name))
            )
    assert {name: +Counter(tally.counts) for name, tally in found.rules.items()} == {
        name: +Counter({kind: said[kind] for kind in KINDS}) for name, said in expected.items()
    }
    assert {name: (tally.before, tally.after) for name, tally in found.rules.items()} == {
        name: (said["before"], said["after"]) for name, said in expected.items()
    }


def outcomes(rules: Ruleset, mail: MailArrived) -> dict[str, tuple[str, object]]:
    """Of every listed rule, what the evaluator says of it and the commands that it emits for it, as JSON."""
    found = evaluate(rules, mail)
    of_the_evaluation = {"decision_id", "rule", "ruleset_version"}
    emitted = {each.rule.id: each.model_dump_json(exclude=of_the_evaluation) for each in found.commands}
    return {
        each.rule.id: (each.outcome, emitted.get(each.rule.id, "watched" if each.shadow else ""))
        for each in found.decision.verdicts
    }


def differences(before: tuple[str, object] | None, after: tuple[str, object] | None, *, rewritten: bool) -> list[str]:
    """The same as the comparison, said with the evaluator's words."""
    old, new = (each[0] if each else "" for each in (before, after))
    said = ["before"] * (old == "matched") + ["after"] * (new == "matched")
    if new == "undecidable":
        return [*said, *["undecidable"] * (rewritten or old != "undecidable")]
    if (old == "matched") != (new == "matched"):
        return [*said, "gained" if new == "matched" else "lost"]
    return [*said, *["changed"] * (old == "matched" and before != after)]


def _when(rules: Ruleset, name: str) -> object:
    found = rules.mailboxes["support"].by_id.get(name)
    return found.rule.when if found else None
