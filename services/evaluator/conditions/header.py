"""`header`: the decoded values of a header, or whether it is there. Any one of its occurrences suffices."""

from functools import cache

from schemas.condition import HeaderIs
from services.evaluator.conditions.check import LeafCheck
from services.evaluator.conditions.comparison import any_of, wording
from services.evaluator.facts import Facts, Show
from services.evaluator.plain_text import one_line
from services.evaluator.wording.comparing import compared
from services.evaluator.wording.messages import gettext_noop
from services.evaluator.wording.words import Words

_SENTENCES = {
    "equals": gettext_noop("the header {name} is {values}"),
    "contains": gettext_noop("the header {name} contains {values}"),
    "starts": gettext_noop("the header {name} starts with {values}"),
    "ends": gettext_noop("the header {name} ends with {values}"),
    "matches": gettext_noop("the header {name} matches the pattern {values}"),
}


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


def sentence(condition: HeaderIs, words: Words) -> str:
    """In words."""
    name = words.quoted(condition.name)
    if condition.present is None:
        return compared(condition, words, _SENTENCES, name=name)
    if condition.present:
        return words.gettext("the mail has the header {name}", name=name)
    return words.gettext("the mail does not have the header {name}", name=name)
