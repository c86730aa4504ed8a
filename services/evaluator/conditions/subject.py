"""`subject`: the decoded subject."""

from schemas.condition import SubjectIs
from services.evaluator.conditions.check import LeafCheck
from services.evaluator.conditions.comparison import comparison, wording
from services.evaluator.facts import Facts
from services.evaluator.wording.comparing import compared
from services.evaluator.wording.messages import gettext_noop
from services.evaluator.wording.words import Words

_SENTENCES = {
    "equals": gettext_noop("the subject is {values}"),
    "contains": gettext_noop("the subject contains {values}"),
    "starts": gettext_noop("the subject starts with {values}"),
    "ends": gettext_noop("the subject ends with {values}"),
    "matches": gettext_noop("the subject matches the pattern {values}"),
}


def compile_check(condition: SubjectIs) -> LeafCheck:
    """Ready to be asked."""
    test = comparison(condition)
    if condition.operator == "matches":
        return LeafCheck("subject", wording(condition), lambda facts: test(facts.subject_text), _seen)
    return LeafCheck("subject", wording(condition), lambda facts: test(facts.subject), _seen)


def _seen(facts: Facts) -> str:
    return facts.event.subject


def sentence(condition: SubjectIs, words: Words) -> str:
    """In words."""
    return compared(condition, words, _SENTENCES)
