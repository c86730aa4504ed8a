"""What each comparing operator asks of the values at a path, exactly as Odoo 17 does in memory.

A test gets all values at once and may raise TypeError, AttributeError or ValueError where Odoo does.
"""

import operator
from collections.abc import Callable, Sequence
from typing import Any

from services.evaluator.odoo_domain.values import Referenced, authored_moment
from services.evaluator.odoo_domain.wildcard import glob

Values = Sequence[Any]
Test = Callable[[Values], bool]

_ORDERINGS: dict[str, Callable[[Any, Any], Any]] = {
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}
_AS_WILDCARDS = str.maketrans("_%[", "?*?")


def plain_test(name: str, value: Any) -> Test:
    """The test for values that are no dates."""
    if name in ("in", "not in"):
        members = frozenset(value) if isinstance(value, tuple) else (value,)
        return _membership(members, inside=name == "in")
    if name in _PATTERNS:
        return _PATTERNS[name](value)
    return _comparison(name, value)


def moment_test(name: str, value: Any) -> Test:
    """The test for dates and datetimes: the value is one as well, or Odoo raises."""
    if name in ("in", "not in"):
        members = value if isinstance(value, tuple) else (value,)
        return _membership(frozenset(authored_moment(member) for member in members), inside=name == "in")
    moment = authored_moment(value)
    if name not in _PATTERNS:
        return _comparison(name, moment)
    if name == "not ilike" or (moment is None and name in ("like", "=ilike")):
        raise TypeError("a date has no letters")
    if name == "not like":
        return _no_dates
    return _PATTERNS[name](value)


def _comparison(name: str, value: Any) -> Test:
    if name == "=":
        return lambda values: value in values
    if name == "!=":
        return lambda values: value not in values
    if name == "=?":
        return (lambda values: value in values) if value else (lambda _: True)
    compare = _ORDERINGS[name]
    return lambda values: any(found is not None and compare(found, value) for found in values)


def _membership(members: Any, *, inside: bool) -> Test:
    if not members:
        return lambda _: not inside
    return lambda values: any(found in members for found in values) is inside


def _no_dates(values: Values) -> bool:
    if values:
        raise TypeError("a date holds no text")
    return True


def _texts(values: Values) -> list[str]:
    """Empty values as empty text; any other value must be text."""
    found = [value or "" for value in values]
    for value in found:
        if not isinstance(value, str):
            raise TypeError(f"{type(value).__name__} is no text")
    return found


def _lowered(values: Values) -> list[str]:
    return [text.lower() for text in _texts(values)]


def _like(value: str) -> Test:
    fits = glob(f"*{value.translate(_AS_WILDCARDS)}*" if value else "")
    return lambda values: _any_fits(fits, _texts(values))


def _ilike(value: str) -> Test:
    fits = glob(f"*{value.translate(_AS_WILDCARDS).lower()}*")
    return lambda values: _any_fits(fits, _lowered(values))


def _equals_like(value: str) -> Test:
    fits = glob(value.translate(_AS_WILDCARDS))
    return lambda values: _any_fits(fits, _texts(values))


def _equals_ilike(value: str) -> Test:
    fits = glob(value.translate(_AS_WILDCARDS).lower())
    return lambda values: _any_fits(fits, _lowered(values))


def _not_like(value: str) -> Test:
    def absent(values: Values) -> bool:
        for found in values:
            # the record of a `reference` holds the names of its model's fields, which nobody froze
            if isinstance(found, Referenced) and not value.isidentifier():
                continue
            if value in _texts((found,))[0]:
                return False
        return True

    return absent


def _not_ilike(value: str) -> Test:
    lowered = value.lower()
    # one by one: Odoo stops at the first that holds the value, and does not meet what it would refuse behind it
    return lambda values: not any(lowered in _lowered((found,))[0] for found in values)


def _any_fits(fits: Callable[[str], bool], texts: list[str]) -> bool:
    return True in [fits(text) for text in texts]


_PATTERNS: dict[str, Callable[[str], Test]] = {
    "like": _like,
    "ilike": _ilike,
    "=like": _equals_like,
    "=ilike": _equals_ilike,
    "not like": _not_like,
    "not ilike": _not_ilike,
}
