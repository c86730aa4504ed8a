"""The four ways to compare text that conditions share: equals, contains, starts, ends. Any one value suffices."""

from collections.abc import Callable

from schemas.condition import TextLeaf
from services.evaluator.text import fold, quoted

_VERBS = {"equals": "is", "contains": "contains", "starts": "starts with", "ends": "ends with"}


def comparison(leaf: TextLeaf) -> Callable[[str], bool]:
    """A test for text that is folded already."""
    values = tuple(dict.fromkeys(fold(value) for value in leaf.values))
    if leaf.operator == "equals":
        return frozenset(values).__contains__
    if leaf.operator == "starts":
        return lambda text: text.startswith(values)
    if leaf.operator == "ends":
        return lambda text: text.endswith(values)
    return lambda text: any(map(text.__contains__, values))


def wording(leaf: TextLeaf) -> str:
    """The comparison in words, such as: contains “invoice” or “bill”."""
    return f"{_VERBS[leaf.operator]} {quoted(leaf.values)}"
