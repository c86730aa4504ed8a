"""A guard: texts of which a mail must have at least one for a condition to hold. What has no guard is always tried.

Guards are necessary, never sufficient: the condition itself still decides. So a guard may only be too wide.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from schemas.condition import (
    AllOf,
    AnyOf,
    AttachmentsAre,
    ExcerptIs,
    Group,
    HeaderIs,
    Leaf,
    RecipientIs,
    SenderDomainIs,
    SenderIs,
    SubjectIs,
    TextLeaf,
)
from services.evaluator.conditions.sender_domain import wanted_domains
from services.evaluator.index.looks import (
    ATTACHMENTS,
    EXCERPT,
    HEADER_NAMES,
    PRESENT,
    RECIPIENT,
    SENDER,
    SENDER_DOMAIN,
    SENDER_DOMAINS,
    SUBJECT,
    Look,
    header,
)
from services.evaluator.plain_text import one_line
from services.evaluator.text import fold


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


def _width(guard: Guard) -> tuple[int, int, int]:
    """How many mails it lets through, roughly: short parts are in many texts, whole texts in few."""
    breadth = max((term.look.breadth for term in guard), default=0)
    shortest = min((len(term.text) if term.part else 1_000 for term in guard), default=1_000)
    return breadth, -shortest, len(guard)


def _text(leaf: TextLeaf, look: Look, prepare: Callable[[str], str] = str) -> Guard | None:
    if leaf.operator in ("equals", "contains", "starts", "ends"):
        part = leaf.operator != "equals"
        return frozenset(Term(look, fold(prepare(value)), part) for value in leaf.values)
    return None


def _sender_domain(leaf: SenderDomainIs) -> Guard:
    look = SENDER_DOMAINS if leaf.subdomains else SENDER_DOMAIN
    return frozenset(Term(look, domain) for domain in wanted_domains(leaf))


def _header(leaf: HeaderIs) -> Guard | None:
    name = leaf.name.lower()
    if leaf.present:
        return frozenset({Term(HEADER_NAMES, name)})
    return _text(leaf, header(name), one_line)


def _attachments(leaf: AttachmentsAre) -> Guard | None:
    return frozenset({Term(ATTACHMENTS, PRESENT)}) if leaf.present else None


_LEAVES: dict[type, Callable[[Any], Guard | None]] = {
    SenderIs: lambda leaf: _text(leaf, SENDER),
    SenderDomainIs: _sender_domain,
    SubjectIs: lambda leaf: _text(leaf, SUBJECT),
    RecipientIs: lambda leaf: _text(leaf, RECIPIENT[leaf.where]),
    HeaderIs: _header,
    ExcerptIs: lambda leaf: _text(leaf, EXCERPT, one_line),
    AttachmentsAre: _attachments,
}
