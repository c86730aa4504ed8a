"""An Odoo domain as a rule carries it: checked, bounded, and the same however it was written.

Prefix notation: `&` and `|` take two operands, `!` takes one, and terms that stand side by side are joined by `&`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, NamedTuple

from pydantic import PlainSerializer, PlainValidator, StringConstraints, WithJsonSchema

from schemas.domain_text import read_text
from schemas.domain_value import check_value, shown

MAX_LEAVES = 200
MAX_TERMS = 1_000
MAX_ANY_DEPTH = 4
MAX_SEGMENTS = 6
MAX_SEGMENT_CHARS = 63

ARITY = {"&": 2, "|": 2, "!": 1}
QUANTIFIERS = ("any", "not any")
HIERARCHY = ("child_of", "parent_of")
PATTERNS = ("like", "not like", "ilike", "not ilike", "=like", "=ilike")
ORDERINGS = ("<", ">", "<=", ">=")
MEMBERSHIP = ("in", "not in")
COMPARISONS = ("=", "!=", "=?")
OPERATORS = (*COMPARISONS, *ORDERINGS, *MEMBERSHIP, *PATTERNS, *HIERARCHY, *QUANTIFIERS)
SPELLINGS = {"<>": "!=", "==": "="}
"""How other parts of Odoo write them; `filtered_domain` itself refuses both."""


class Leaf(NamedTuple):
    """One term. `path` is dotted, or 1 or 0 in the two constant leaves.

    `value` is a scalar, a tuple of scalars or, under `any`, terms.
    """

    path: str | int
    operator: str
    value: Any


Term = str | Leaf
Terms = tuple[Term, ...]

TRUE_LEAF = Leaf(1, "=", 1)
FALSE_LEAF = Leaf(0, "=", 1)


def parse(raw: Any) -> Terms:
    """A domain from a list or from the text that people copy out of Odoo. Raises ValueError with term and remedy."""
    if isinstance(raw, str):
        raw = read_text(raw)
    return _Reader().terms(raw, depth=0)


def plain(terms: Terms) -> list[Any]:
    """The JSON list of a domain."""
    return [
        term
        if isinstance(term, str)
        else [
            term.path,
            term.operator,
            plain(term.value)
            if term.operator in QUANTIFIERS
            else list(term.value)
            if isinstance(term.value, tuple)
            else term.value,
        ]
        for term in terms
    ]


class _Reader:
    """Checks terms and counts them over all levels."""

    def __init__(self) -> None:
        self._leaves = 0
        self._terms = 0

    def terms(self, raw: Any, depth: int) -> Terms:
        if not isinstance(raw, list | tuple):  # pydantic reports a ValueError only
            raise ValueError(f"a domain is a list of terms; {shown(raw)} is none: write [('field', '=', value)]")  # noqa: TRY004
        if depth > MAX_ANY_DEPTH:
            raise ValueError(f"`any` is nested deeper than {MAX_ANY_DEPTH} levels; write a dotted path instead")
        self._terms += len(raw)
        if self._terms > MAX_TERMS:
            raise ValueError(
                f"a domain has at most {MAX_TERMS:,} terms and operators; split it over several conditions"
            )
        found = tuple(self._term(term, depth) for term in raw)
        _check_arity(found)
        return found

    def _term(self, raw: Any, depth: int) -> Term:
        if isinstance(raw, str):
            if raw not in ARITY:
                raise ValueError(f"{shown(raw)} is not an operator between terms; they are '&', '|' and '!'")
            return raw
        if not isinstance(raw, list | tuple) or len(raw) != 3:
            raise ValueError(f"the term {shown(raw)} is not a triple; write ('field', '=', value)")
        self._leaves += 1
        if self._leaves > MAX_LEAVES:
            raise ValueError(f"a domain has at most {MAX_LEAVES} terms; list several values with 'in' or split it")
        path, operator, value = raw
        if not isinstance(path, str):
            return _constant(raw)
        _check_path(path, raw)
        operator = _operator(operator, raw)
        if operator in QUANTIFIERS:
            if isinstance(value, str) or not isinstance(value, list | tuple):
                raise ValueError(f"in {shown(raw)}, {operator!r} needs a domain: write [('field', '=', value)]")
            return Leaf(path, operator, self.terms(value, depth + 1))
        return Leaf(path, operator, check_value(operator, value, raw))


def _constant(raw: Any) -> Leaf:
    path, operator, value = raw
    for leaf in (TRUE_LEAF, FALSE_LEAF):
        if operator == "=" and (path, value) == (leaf.path, leaf.value):
            return leaf
    raise ValueError(
        f"the term {shown(raw)} names no field; write ('field', '=', value), or (1, '=', 1) for always, "
        "(0, '=', 1) for never"
    )


def _check_path(path: str, raw: Any) -> None:
    segments = path.split(".")
    if len(segments) > MAX_SEGMENTS:
        raise ValueError(f"the path in {shown(raw)} has more than {MAX_SEGMENTS} fields; shorten it")
    for segment in segments:
        named = segment.isascii() and segment.isidentifier() and segment == segment.lower()
        if not named or len(segment) > MAX_SEGMENT_CHARS:
            raise ValueError(
                f"the path in {shown(raw)} is not one of Odoo's field names; write small letters, digits and `_`, "
                "joined by dots"
            )
    if "id" in segments[:-2] or (len(segments) > 1 and segments[-2:-1] == ["id"] and segments[-1] != "id"):
        raise ValueError(f"the path in {shown(raw)} goes on after `id`, which has no fields; leave `id` out")


def _operator(operator: Any, raw: Any) -> str:
    found = SPELLINGS.get(operator, operator) if isinstance(operator, str) else operator
    if isinstance(found, str) and found in OPERATORS:
        return found
    raise ValueError(f"the operator of {shown(raw)} is unknown; use one of {', '.join(OPERATORS)}")


def _check_arity(terms: Terms) -> None:
    """What stands behind an operator must be there: terms are counted from the end, as they are evaluated."""
    waiting = 0
    for position in range(len(terms) - 1, -1, -1):
        needed = ARITY.get(terms[position], 0) if isinstance(terms[position], str) else 0  # type: ignore[arg-type]
        if waiting < needed:
            raise ValueError(
                f"the operator '{terms[position]}' at position {position + 1} needs {needed} "
                f"term{'s' if needed > 1 else ''} behind it and has {waiting}; add them or remove it"
            )
        waiting += 1 - needed


def leaves(terms: Terms) -> Iterator[Leaf]:
    """The terms of this level that read a field."""
    return (term for term in terms if isinstance(term, Leaf) and isinstance(term.path, str))


def read_path(leaf: Leaf) -> str:
    """The dotted path that a leaf reads: a final `.id` adds nothing, and `id` alone is the record itself (empty)."""
    path = str(leaf.path)
    path = path.removesuffix(".id")
    return "" if path == "id" else path


def needs(domain: Terms) -> tuple[str, ...]:
    """The field paths that a domain reads, sorted; those inside `any` with the path before it.

    The id and the display name of every record on the way are read as well and are not listed.
    """
    return tuple(sorted(set(_paths(domain, ""))))


def hierarchical(domain: Terms) -> tuple[Leaf, ...]:
    """The `child_of` and `parent_of` leaves, with whole paths: what they need is a lineage (schemas/facts.py)."""
    return tuple(_hierarchical(domain, ""))


def _paths(terms: Terms, prefix: str) -> Iterator[str]:
    for leaf in leaves(terms):
        path = (prefix + read_path(leaf)).rstrip(".").removesuffix(".id")
        if path:
            yield path
        if leaf.operator in QUANTIFIERS:
            yield from _paths(leaf.value, f"{path}." if path else "")


def _hierarchical(terms: Terms, prefix: str) -> Iterator[Leaf]:
    for leaf in leaves(terms):
        if leaf.operator in HIERARCHY:
            yield Leaf(prefix + str(leaf.path), leaf.operator, leaf.value)
        elif leaf.operator in QUANTIFIERS:
            path = read_path(leaf)
            yield from _hierarchical(leaf.value, f"{prefix}{path}." if path else prefix)


ModelName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$", max_length=100)]
"""Such as crm.lead."""
Domain = Annotated[
    Terms,
    PlainValidator(parse),
    PlainSerializer(plain, return_type=list[Any]),
    WithJsonSchema(
        {
            "description": "an Odoo domain: a list of terms, or the text of one",
            "anyOf": [{"type": "string", "maxLength": 10_000}, {"type": "array", "maxItems": MAX_TERMS}],
        }
    ),
]
"""The type of a rule's `domain:`. It holds checked terms and is written as the plain JSON list."""
