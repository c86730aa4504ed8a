"""`odoo_domain` as a condition: whom it is about, what it answers where the event does not say, how it explains."""

from typing import Any

import pytest

from schemas.facts import OdooFacts, Relation, Scalar, Snapshot
from schemas.mail import MailArrived
from services.evaluator.evaluate import evaluate
from tests.unit.services.evaluator.making import NOON, event, rule, ruleset

GERMAN = {"type": "odoo_domain", "on": "partner", "domain": [["country_id.code", "=", "DE"]]}
LEAD = {"type": "odoo_domain", "on": "record", "model": "crm.lead", "domain": [["priority", "=", "3"]]}
SUBJECT = {"type": "odoo_domain", "on": "message", "domain": [["subject", "ilike", "invoice"]]}
AUTHOR = {"type": "odoo_domain", "on": "message", "domain": [["author_id.country_id.code", "=", "DE"]]}
TYPES: dict[str, Any] = {"country_id": "many2one", "country_id.code": "char"}
OTHER = {"type": "subject", "contains": ["nothing of the kind"]}


def partner(code: str, ident: int = 5) -> Snapshot:
    country = Snapshot(model="res.country", id=1, fields={"code": Scalar(type="char", value=code)})
    fields: dict[str, Any] = {"country_id": Relation(type="many2one", relation="res.country", records=(country,))}
    return Snapshot(model="res.partner", id=ident, fields=fields if ident else {}, types=TYPES)


def lead(priority: str, model: str = "crm.lead", ident: int = 9) -> Snapshot:
    fields: dict[str, Any] = {"priority": Scalar(type="selection", value=priority)}
    return Snapshot(model=model, id=ident, fields=fields, types={"priority": "selection"})


def mail(**odoo: Any) -> MailArrived:
    return event().model_copy(update={"odoo": OdooFacts(read_at=NOON, **odoo)})


def verdict(when: dict[str, Any], found: MailArrived) -> tuple[str, bool, str]:
    """The outcome, and of the first finding whether it could not tell, and what it saw."""
    (listed,) = evaluate(ruleset([rule("r", when=when, trigger="incoming")]), found).decision.verdicts or (None,)
    if listed is None:
        return "not_matched", False, ""
    return listed.outcome, listed.because[0].undecidable, listed.because[0].seen


@pytest.mark.parametrize(
    ("when", "odoo", "outcome"),
    [
        (GERMAN, {"partner": partner("DE")}, "matched"),
        (GERMAN, {"partner": partner("FR")}, "not_matched"),
        (GERMAN, {"partner": partner("DE", ident=0)}, "not_matched"),
        ({"none": [GERMAN]}, {"partner": partner("DE", ident=0)}, "matched"),
        (GERMAN, {}, "undecidable"),
        (GERMAN, {"missing": ("partner",)}, "deferred"),
        (GERMAN, {"partner": Snapshot(model="res.partner", id=5)}, "undecidable"),
        (LEAD, {"record": lead("3")}, "matched"),
        (LEAD, {"record": lead("3", "sale.order")}, "not_matched"),
        (LEAD, {"record": lead("3", ident=0)}, "not_matched"),
        (LEAD, {"missing": ("record",)}, "deferred"),
        (SUBJECT, {"missing": ("partner", "record")}, "matched"),
        (AUTHOR, {"partner": partner("DE")}, "matched"),
        (AUTHOR, {"partner": partner("DE", ident=0)}, "not_matched"),
        (AUTHOR, {}, "undecidable"),
        (AUTHOR, {"missing": ("partner",)}, "deferred"),
    ],
)
def test_what_it_answers(when: dict[str, Any], odoo: dict[str, Any], outcome: str) -> None:
    found, unclear, seen = verdict(when, mail(**odoo))
    assert found == outcome
    assert unclear == (outcome in ("undecidable", "deferred"))
    assert seen or outcome in ("not_matched", "matched")


def test_an_event_of_before_rules_needed_facts_says_so() -> None:
    assert verdict(GERMAN, event()) == (
        "undecidable",
        True,
        "the event carries no facts of Odoo; it was recorded when no rule needed any",
    )
    assert verdict(SUBJECT, event())[0] == "matched"


def test_it_shows_the_terms_that_settled_it() -> None:
    assert verdict(GERMAN, mail(partner=partner("DE")))[2] == "('country_id.code', '=', 'DE'): “DE”"


@pytest.mark.parametrize(
    ("when", "outcome"),
    [
        ({"all": [GERMAN, OTHER]}, "not_matched"),
        ({"all": [OTHER, GERMAN]}, "not_matched"),
        ({"all": [GERMAN, SUBJECT]}, "undecidable"),
        ({"any": [GERMAN, SUBJECT]}, "matched"),
        ({"any": [GERMAN, OTHER]}, "undecidable"),
        ({"none": [GERMAN, SUBJECT]}, "not_matched"),
        ({"none": [GERMAN, OTHER]}, "undecidable"),
        ({"all": [{"any": [SUBJECT, GERMAN]}, {"none": [OTHER]}]}, "matched"),
    ],
)
def test_what_cannot_be_told_matters_only_where_nothing_else_settles_it(when: dict[str, Any], outcome: str) -> None:
    assert verdict(when, event())[0] == outcome


@pytest.mark.parametrize("domain", [["nosuch", "=", 1], ["country_id.nosuch.name", "=", "x"]])
@pytest.mark.parametrize("on", ["partner", "message"])
def test_a_field_that_odoo_does_not_have_is_told_apart_from_one_that_was_not_read(on: str, domain: list[Any]) -> None:
    known = partner("DE").model_copy(update={"unknown": ("nosuch", "country_id.nosuch")})
    prefix = "author_id." if on == "message" else ""
    when = {"type": "odoo_domain", "on": on, "domain": [[prefix + domain[0], *domain[1:]]]}
    found, _, seen = verdict(when, mail(partner=known))
    named = prefix + domain[0].removesuffix(".name")
    assert (found, seen) == (
        "undecidable",
        f"Odoo has no field `{named}`, or does not show it to us; correct the rule",
    )
