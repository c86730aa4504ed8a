"""`header`: the decoded values of a header, or whether it is there. Any one of its occurrences suffices."""

from functools import cache

from schemas.condition import HeaderIs
from services.evaluator.conditions.check import LeafCheck
from services.evaluator.conditions.comparison import any_of, wording
from services.evaluator.facts import Facts, Show
from services.evaluator.plain_text import one_line


def compile_check(condition: HeaderIs) -> LeafCheck:
    """Ready to be asked."""
    name, wanted = condition.name.lower(), condition.present
    if wanted is not None:
        expected = f"{condition.name} is {'present' if wanted else 'absent'}"
        return LeafCheck("header", expected, lambda facts: bool(facts.headers.texts(name)) is wanted, _seen_of(name))
    holds = any_of(
        condition,
        folded=lambda facts: facts.headers.folded(name),
        composed=lambda facts: facts.headers.texts(name),
        prepare=one_line,
    )
    return LeafCheck("header", f"{condition.name} {wording(condition)}", holds, _seen_of(name))


@cache
def _seen_of(name: str) -> Show:
    """One function for each name, since a mail is shown once for each. As many as there are names in rules."""

    def seen(facts: Facts) -> str:
        values = facts.headers.texts(name)
        return " | ".join(values) if values else "no such header"

    return seen


def sentence(condition: HeaderIs) -> str:
    """In words."""
    if condition.present is not None:
        return f"the mail has {'a' if condition.present else 'no'} header “{condition.name}”"
    return f"the header “{condition.name}” {wording(condition)}"
