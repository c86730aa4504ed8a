"""What may stand on the right of a term, by operator; and how a term is shown in a sentence."""

from math import isfinite
from typing import Any

MAX_MEMBERS = 1_000
MAX_VALUE_CHARS = 1_000
MAX_INTEGER = 2**63 - 1
_SHOWN_CHARS = 80
_SHOWN_MEMBERS = 20

_PATTERNS = ("like", "not like", "ilike", "not ilike", "=like", "=ilike")
_ORDERINGS = ("<", ">", "<=", ">=")


def shown(raw: Any) -> str:
    """A term as a sentence names it, bounded before it is written."""
    text = _written(raw, 3)
    return text if len(text) <= _SHOWN_CHARS else text[: _SHOWN_CHARS - 1] + "…"


def _written(raw: Any, levels: int) -> str:
    if isinstance(raw, list | tuple):
        if not levels:
            return "[…]"
        inner = ", ".join(_written(member, levels - 1) for member in raw[:_SHOWN_MEMBERS])
        return f"({inner})" if len(raw) == 3 else f"[{inner}]"
    if isinstance(raw, str):
        return ascii(raw[:_SHOWN_CHARS]) if not _encodes(raw[:_SHOWN_CHARS]) else repr(raw[:_SHOWN_CHARS])
    if isinstance(raw, int) and abs(raw) > MAX_INTEGER:
        return "a huge number"
    return repr(raw) if isinstance(raw, bool | int | float | None) else f"a {type(raw).__name__}"


def check_value(operator: str, value: Any, raw: Any) -> Any:
    """The value in its one form (lists as tuples). Raises ValueError when Odoo could not compare with it."""
    if operator in _PATTERNS and not isinstance(value, str):
        raise ValueError(f"in {shown(raw)}, {operator!r} needs text; write '…', or use '=' with False for empty")
    if operator in ("child_of", "parent_of"):
        return _hierarchy(operator, value, raw)
    if isinstance(value, list | tuple):
        if operator in _ORDERINGS:
            raise ValueError(f"in {shown(raw)}, {operator!r} compares with one value; give one, or use 'in'")
        return _members(value, raw)
    return _scalar(value, raw)


def _members(value: Any, raw: Any) -> tuple[Any, ...]:
    if len(value) > MAX_MEMBERS:
        raise ValueError(f"a list of values has at most {MAX_MEMBERS:,} members; the one in {shown(raw)} has more")
    return tuple(_scalar(member, raw) for member in value)


def _hierarchy(operator: str, value: Any, raw: Any) -> Any:
    members = _members(value, raw) if isinstance(value, list | tuple) else (_scalar(value, raw),)
    listed = isinstance(value, list | tuple)
    names = all(isinstance(member, str) for member in members)
    ids = all(isinstance(member, int) and (member > 0 or not listed) for member in members)
    if not names and not ids:
        raise ValueError(f"in {shown(raw)}, {operator!r} needs an id, a name, or a list of only ids or only names")
    return members if listed else members[0]


def _scalar(value: Any, raw: Any) -> Any:
    if not isinstance(value, str | bool | int | float | None):
        raise ValueError(  # noqa: TRY004 - pydantic reports a ValueError only
            f"a value in {shown(raw)} is neither text, a number, True, False, None nor a list of these; "
            "write dates as '2024-12-31' or '2024-12-31 23:59:59' (UTC)"
        )
    if isinstance(value, str):
        if len(value) > MAX_VALUE_CHARS:
            raise ValueError(f"a value in {shown(raw)} is longer than {MAX_VALUE_CHARS:,} characters; shorten it")
        if not _encodes(value):
            raise ValueError(f"a value in {shown(raw)} holds half of a surrogate pair; write the whole character")
    elif isinstance(value, int) and abs(value) > MAX_INTEGER:
        raise ValueError(f"a number in {shown(raw)} does not fit into 64 bits; write a smaller one")
    elif isinstance(value, float) and not isfinite(value):
        raise ValueError(f"a number in {shown(raw)} is not finite; write a finite one")
    return value


def _encodes(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
