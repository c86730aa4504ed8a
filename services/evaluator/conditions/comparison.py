"""The ways to compare text that conditions share: equals, contains, starts, ends, matches. Any one value suffices."""

from collections.abc import Callable, Iterable

from schemas.condition import TextLeaf
from schemas.pattern import compile_pattern
from services.evaluator.facts import Facts
from services.evaluator.text import fold, quoted

Texts = Callable[[Facts], Iterable[str]]

_VERBS = {
    "equals": "is",
    "contains": "contains",
    "starts": "starts with",
    "ends": "ends with",
    "matches": "matches the pattern",
}


def comparison(leaf: TextLeaf, prepare: Callable[[str], str] = str) -> Callable[[str], bool]:
    """A test for text that is folded already; for `matches`, one that is composed only. `prepare`: for the values."""
    if leaf.operator == "matches":
        patterns = tuple(map(compile_pattern, dict.fromkeys(leaf.values)))
        return lambda text: any(found(text) for found in patterns)
    values = tuple(dict.fromkeys(fold(prepare(value)) for value in leaf.values))
    if leaf.operator == "equals":
        return frozenset(values).__contains__
    if leaf.operator == "starts":
        return lambda text: text.startswith(values)
    if leaf.operator == "ends":
        return lambda text: text.endswith(values)
    return lambda text: any(map(text.__contains__, values))


def any_of(
    leaf: TextLeaf, *, folded: Texts, composed: Texts, prepare: Callable[[str], str] = str
) -> Callable[[Facts], bool]:
    """Whether any one of several texts of a mail passes the comparison; which form of them is read depends on it."""
    test = comparison(leaf, prepare)
    texts = composed if leaf.operator == "matches" else folded
    return lambda facts: any(map(test, texts(facts)))


def wording(leaf: TextLeaf) -> str:
    """The comparison as the log says it, such as: contains “invoice” or “bill”. Never reworded or translated."""
    return f"{_VERBS[leaf.operator]} {quoted(leaf.values)}"
