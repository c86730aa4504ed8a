"""`recipient`: the addresses of To and Cc, each with its domain in either form. No recipient matches nothing."""

from schemas.condition import RecipientIs
from schemas.mail import Address
from services.evaluator.conditions.check import Check
from services.evaluator.conditions.comparison import Texts, any_of, wording
from services.evaluator.conditions.kept import NOT_KEPT, KeptLeaf
from services.evaluator.facts import Facts, Show
from services.evaluator.wording.comparing import compared
from services.evaluator.wording.messages import gettext_noop
from services.evaluator.wording.words import Words

_SENTENCES = {
    "equals": gettext_noop("the address of a recipient ({field}) is {values}"),
    "contains": gettext_noop("the address of a recipient ({field}) contains {values}"),
    "starts": gettext_noop("the address of a recipient ({field}) starts with {values}"),
    "ends": gettext_noop("the address of a recipient ({field}) ends with {values}"),
    "matches": gettext_noop("the address of a recipient ({field}) matches the pattern {values}"),
}

_FOLDED: dict[str, Texts] = {
    "to": lambda facts: facts.to_forms,
    "cc": lambda facts: facts.cc_forms,
    "any": lambda facts: facts.to_forms + facts.cc_forms,
}
_COMPOSED: dict[str, Texts] = {
    "to": lambda facts: facts.to_texts,
    "cc": lambda facts: facts.cc_texts,
    "any": lambda facts: facts.to_texts + facts.cc_texts,
}
_SUBJECTS = {"to": "a recipient in To", "cc": "a recipient in Cc", "any": "a recipient (To or Cc)"}


def compile_check(condition: RecipientIs) -> Check:
    """Ready to be asked."""
    where = condition.where
    holds = any_of(condition, folded=_FOLDED[where], composed=_COMPOSED[where])

    def tells(facts: Facts) -> bool:
        """Where Odoo knows only some recipients, one of these may be meant, whether it was in To or in Cc."""
        return "recipients" not in facts.event.not_kept or (where == "any" and holds(facts))

    return KeptLeaf("recipient", f"{_SUBJECTS[where]} {wording(condition)}", holds, _SEEN[where], tells)


def _listed(facts: Facts, addresses: tuple[Address, ...]) -> str:
    known = ", ".join(each.address for each in addresses)
    if "recipients" in facts.event.not_kept:
        return f"{known}; others are {NOT_KEPT}" if known else NOT_KEPT
    return known or "no recipient"


_SEEN: dict[str, Show] = {
    "to": lambda facts: _listed(facts, facts.event.to),
    "cc": lambda facts: _listed(facts, facts.event.cc),
    "any": lambda facts: _listed(facts, facts.event.to + facts.event.cc),
}


def sentence(condition: RecipientIs, words: Words) -> str:
    """In words."""
    return compared(condition, words, _SENTENCES, field=_field(condition.where, words))


def _field(where: str, words: Words) -> str:
    if where == "to":
        return words.pgettext("recipient field", "To")
    if where == "cc":
        return words.pgettext("recipient field", "Cc")
    return words.pgettext("recipient field", "To or Cc")
