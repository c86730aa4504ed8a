"""`header`: the decoded values of a header, or whether it is there. Any one of its occurrences suffices."""

from collections.abc import Callable
from functools import cache

from schemas.condition import HeaderIs
from services.evaluator.conditions.check import Check
from services.evaluator.conditions.comparison import any_of, wording
from services.evaluator.conditions.kept import NOT_KEPT, KeptLeaf
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


_FIELDS = frozenset(("from", "subject", "date", "message-id"))
"""Headers that a mail without headers still tells of, present or not."""


def compile_check(condition: HeaderIs) -> Check:
    """Ready to be asked."""
    name, wanted = condition.name.lower(), condition.present
    if wanted is not None:
        expected = f"{condition.name} is {'present' if wanted else 'absent'}"
        present = _present(name)
        return KeptLeaf("header", expected, lambda facts: present(facts) is wanted, _seen_of(name), _tells_of(name))
    holds = any_of(
        condition,
        folded=lambda facts: facts.headers.folded(name),
        composed=lambda facts: facts.headers.texts(name),
        prepare=one_line,
    )
    return KeptLeaf("header", f"{condition.name} {wording(condition)}", holds, _seen_of(name), _tells_of(name))


def _present(name: str) -> Callable[[Facts], bool]:
    return lambda facts: bool(facts.headers.texts(name))


def _tells_of(name: str) -> Callable[[Facts], bool]:
    present = _present(name)
    return lambda facts: "headers" not in facts.event.not_kept or name in _FIELDS or present(facts)


@cache
def _seen_of(name: str) -> Show:
    """One function for each name, since a mail is shown once for each. As many as there are names in rules."""

    def seen(facts: Facts) -> str:
        if values := facts.headers.texts(name):
            return " | ".join(values)
        return "no such header" if "headers" not in facts.event.not_kept or name in _FIELDS else NOT_KEPT

    return seen


def sentence(condition: HeaderIs, words: Words) -> str:
    """In words."""
    name = words.quoted(condition.name)
    if condition.present is None:
        return compared(condition, words, _SENTENCES, name=name)
    if condition.present:
        return words.gettext("the mail has the header {name}", name=name)
    return words.gettext("the mail does not have the header {name}", name=name)
