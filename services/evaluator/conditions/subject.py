"""`subject`: the decoded subject."""

from schemas.condition import SubjectIs
from services.evaluator.conditions.check import LeafCheck
from services.evaluator.conditions.comparison import comparison, wording
from services.evaluator.facts import Facts


def compile_check(condition: SubjectIs) -> LeafCheck:
    """Ready to be asked."""
    test = comparison(condition)
    if condition.operator == "matches":
        return LeafCheck("subject", wording(condition), lambda facts: test(facts.subject_text), _seen)
    return LeafCheck("subject", wording(condition), lambda facts: test(facts.subject), _seen)


def _seen(facts: Facts) -> str:
    return facts.event.subject


def sentence(condition: SubjectIs) -> str:
    """In words."""
    return f"the subject {wording(condition)}"
