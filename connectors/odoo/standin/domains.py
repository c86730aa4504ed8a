"""Odoo's domains on the stand-in's records (Odoo: `osv/expression.py`): prefix operators, NULL as False."""

import re
from collections.abc import Callable, Sequence
from typing import Any

Lookup = Callable[[str], Any]
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "<": lambda a, b: bool(a < b),
    "<=": lambda a, b: bool(a <= b),
    ">": lambda a, b: bool(a > b),
    ">=": lambda a, b: bool(a >= b),
}
_SIGNS = {"_": ".", "%": ".*"}
"""Of a pattern; behind a backslash they are characters like others, as in Postgres."""
_NEGATED = {"!=": "=", "<>": "=", "not in": "in", "not like": "like", "not ilike": "ilike"}


def matches(domain: Sequence[Any], value_of: Lookup) -> bool:
    """Whether the record whose fields `value_of` gives satisfies the domain. Raises ValueError on a malformed one."""
    stack: list[bool] = []
    try:
        for term in reversed(domain):
            if term == "!":
                stack.append(not stack.pop())
            elif term in ("&", "|"):
                left, right = stack.pop(), stack.pop()
                stack.append((left and right) if term == "&" else (left or right))
            else:
                stack.append(_leaf(term, value_of))
    except IndexError:
        raise ValueError(f"Domain() invalid: {list(domain)!r}") from None
    return all(stack)


def fields_of(domain: Sequence[Any]) -> set[str]:
    """The first parts of the field paths that a domain names."""
    return {str(term[0]).partition(".")[0] for term in domain if isinstance(term, (list, tuple))}


def exact(domain: Sequence[Any]) -> list[tuple[str, list[Any]]]:
    """Leaves that every match must satisfy by equality: field and allowed values (empty when an operator is there)."""
    if any(isinstance(term, str) and term != "&" for term in domain):
        return []
    wanted: list[tuple[str, list[Any]]] = []
    for term in domain:
        if isinstance(term, str):
            continue
        field, operator, value = term
        if operator == "=" and value:
            wanted.append((field, [value]))
        elif operator == "in" and isinstance(value, list) and all(value):
            wanted.append((field, value))
    return wanted


def _leaf(term: Any, value_of: Lookup) -> bool:
    if not isinstance(term, (list, tuple)) or len(term) != 3:
        raise ValueError(f"Invalid leaf {term!r}")
    field, operator, wanted = term
    if field in (0, 1):
        return bool(field == wanted)
    value = value_of(field)
    if operator in _NEGATED:
        return not _holds(value, _NEGATED[operator], wanted)
    return _holds(value, operator, wanted)


def _holds(value: Any, operator: str, wanted: Any) -> bool:
    if isinstance(value, list):
        return any(_holds(item, operator, wanted) for item in value) or (not value and wanted is False)
    if operator == "=":
        return value == wanted or (not value and not wanted and type(wanted) is not int)
    if operator == "in":
        return value in wanted or (not value and False in wanted)
    if operator in _COMPARE:
        return not (value is False or wanted is False) and _COMPARE[operator](value, wanted)
    if operator in ("like", "ilike", "=like", "=ilike"):
        return _like(value, operator, str(wanted))
    raise ValueError(f"Invalid operator {operator!r}")


def _like(value: Any, operator: str, wanted: str) -> bool:
    if value is False:
        return False
    pattern = wanted if operator.startswith("=") else f"%{wanted}%"
    parts = (_SIGNS.get(sign) or re.escape(sign[-1]) for sign in re.findall(r"\\.|.", pattern, re.DOTALL))
    case = re.IGNORECASE if "ilike" in operator else 0
    return re.fullmatch("".join(parts), str(value), re.DOTALL | case) is not None
