"""`excerpt`: the beginning of the mail's text, its white space evened out."""

from schemas.condition import ExcerptIs
from services.evaluator.conditions.check import LeafCheck
from services.evaluator.conditions.comparison import comparison, wording
from services.evaluator.facts import Facts
from services.evaluator.plain_text import one_line
from services.evaluator.wording.comparing import compared
from services.evaluator.wording.messages import gettext_noop
from services.evaluator.wording.words import Words

_SENTENCES = {
    "equals": gettext_noop("the beginning of the text is {values}"),
    "contains": gettext_noop("the beginning of the text contains {values}"),
    "starts": gettext_noop("the beginning of the text starts with {values}"),
    "ends": gettext_noop("the beginning of the text ends with {values}"),
    "matches": gettext_noop("the beginning of the text matches the pattern {values}"),
}


def compile_check(condition: ExcerptIs) -> LeafCheck:
    """Ready to be asked. The values' white space is evened out in the same way."""
    test = comparison(condition, one_line)
    if condition.operator == "matches":
        return LeafCheck("excerpt", wording(condition), lambda facts: test(facts.excerpt_text), _seen)
    return LeafCheck("excerpt", wording(condition), lambda facts: test(facts.excerpt), _seen)


def _seen(facts: Facts) -> str:
    return facts.excerpt_text or "no text"


def sentence(condition: ExcerptIs, words: Words) -> str:
    """In words."""
    return compared(condition, words, _SENTENCES)
