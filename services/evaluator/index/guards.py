"""A guard: texts of which a mail must have at least one for a condition to hold. What has no guard is always tried.

Guards are necessary, never sufficient: the condition itself still decides. So a guard may only be too wide.
"""

from collections.abc import Callable
from typing import Any, Literal, NamedTuple

from schemas.condition import AllOf, AnyOf, Group, Leaf, SenderDomainIs, SenderIs, SubjectIs, TextLeaf
from services.evaluator.conditions.sender_domain import wanted_domains
from services.evaluator.text import fold

Look = Literal["sender", "sender_domain", "sender_domains", "subject"]
"""Where a mail's texts are looked for; services/evaluator/index/rule_index.py reads them."""


class Term(NamedTuple):
    """A text that a mail has: as a whole, or (`part`) somewhere inside."""

    look: Look
    text: str
    part: bool = False


Guard = frozenset[Term]


def guard_of(condition: Leaf | Group) -> Guard | None:
    """None: the condition may hold for any mail. An empty guard: it holds for none."""
    if isinstance(condition, AllOf):
        found = [guard for child in condition.all if (guard := guard_of(child)) is not None]
        return min(found, key=_width, default=None)
    if isinstance(condition, AnyOf):
        return _union([guard_of(child) for child in condition.any])
    make = _LEAVES.get(type(condition))
    return make(condition) if make else None


def _union(guards: list[Guard | None]) -> Guard | None:
    every = [guard for guard in guards if guard is not None]
    return frozenset().union(*every) if len(every) == len(guards) else None


def _width(guard: Guard) -> tuple[int, int]:
    """How many mails it lets through, roughly: short parts are in many texts, whole texts in few."""
    shortest = min((len(term.text) if term.part else 1_000 for term in guard), default=1_000)
    return -shortest, len(guard)


def _text(leaf: TextLeaf, look: Look) -> Guard | None:
    if leaf.operator == "equals":
        return frozenset(Term(look, fold(value)) for value in leaf.values)
    if leaf.operator in ("contains", "starts", "ends"):
        return frozenset(Term(look, fold(value), part=True) for value in leaf.values)
    return None


def _sender(leaf: SenderIs) -> Guard | None:
    return _text(leaf, "sender")


def _subject(leaf: SubjectIs) -> Guard | None:
    return _text(leaf, "subject")


def _sender_domain(leaf: SenderDomainIs) -> Guard:
    look: Look = "sender_domains" if leaf.subdomains else "sender_domain"
    return frozenset(Term(look, domain) for domain in wanted_domains(leaf))


_LEAVES: dict[type, Callable[[Any], Guard | None]] = {
    SenderIs: _sender,
    SenderDomainIs: _sender_domain,
    SubjectIs: _subject,
}
