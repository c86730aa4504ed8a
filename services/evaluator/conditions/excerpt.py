"""`excerpt`: the beginning of the mail's text, its white space evened out."""

from schemas.condition import ExcerptIs
from services.evaluator.conditions.check import LeafCheck
from services.evaluator.conditions.comparison import comparison, wording
from services.evaluator.facts import Facts
from services.evaluator.plain_text import one_line


def compile_check(condition: ExcerptIs) -> LeafCheck:
    """Ready to be asked. The values' white space is evened out in the same way."""
    test = comparison(condition, one_line)
    if condition.operator == "matches":
        return LeafCheck("excerpt", wording(condition), lambda facts: test(facts.excerpt_text), _seen)
    return LeafCheck("excerpt", wording(condition), lambda facts: test(facts.excerpt), _seen)


def _seen(facts: Facts) -> str:
    return facts.excerpt_text or "no text"


def sentence(condition: ExcerptIs) -> str:
    """In words."""
    return f"the beginning of the text {wording(condition)}"
