"""Whether leaves can be true and false of one mail as they are said to be. Each kind has rules of its own."""

from collections import defaultdict
from collections.abc import Sequence

from schemas.condition import OdooDomainIs, ReplyStateIs, SenderDomainIs, SenderIs
from services.evaluator.dead_rules.attachments import clash_of_attachments
from services.evaluator.dead_rules.formula import Literal, Status
from services.evaluator.dead_rules.moments import clash_of_dates, clash_of_hours
from services.evaluator.dead_rules.senders import clash_of_senders
from services.evaluator.dead_rules.texts import (
    clash_of_excerpts,
    clash_of_headers,
    clash_of_recipients,
    clash_of_subjects,
)

Clash = tuple[Literal, ...]
_PAIRS = {
    word: (number, yes)
    for number, pair in enumerate(
        (("new", "reply"), ("known_sender", "first_contact"), ("unanswered", "answered"), ("personal", "automatic"))
    )
    for yes, word in enumerate(pair)
}
_NEVER_TOGETHER = {
    frozenset({Status.TRUE, Status.FALSE}),
    frozenset({Status.TRUE, Status.NOT_TRUE}),
    frozenset({Status.FALSE, Status.NOT_FALSE}),
}


def contradiction(literals: Sequence[Literal]) -> Clash | None:
    """Literals that no mail has together; None when none were found."""
    by_kind: dict[str, list[Literal]] = defaultdict(list)
    for literal in literals:
        by_kind[family(literal)].append(literal)
    for kind, found in by_kind.items():
        clash = _KINDS[kind](found)
        if clash is not None:
            return clash
    return None


def family(literal: Literal) -> str:
    """Literals of two families never contradict each other."""
    return "sender" if isinstance(literal.leaf, SenderIs | SenderDomainIs) else literal.leaf.type


def _states(literals: Sequence[Literal]) -> Clash | None:
    known: dict[int, tuple[bool, Literal]] = {}
    for literal in literals:
        assert isinstance(literal.leaf, ReplyStateIs)
        pair, yes = _PAIRS[literal.leaf.equals]
        said = bool(yes) is literal.held
        before, first = known.setdefault(pair, (said, literal))
        if before is not said:
            return first, literal
    return None


def _domains(literals: Sequence[Literal]) -> Clash | None:
    """An Odoo domain is taken as a whole: only the same one twice says something."""
    for number, literal in enumerate(literals):
        assert isinstance(literal.leaf, OdooDomainIs)
        for other in literals[:number]:
            if frozenset({literal.status, other.status}) in _NEVER_TOGETHER and literal.leaf == other.leaf:
                return other, literal
    return None


_KINDS = {
    "sender": clash_of_senders,
    "subject": clash_of_subjects,
    "excerpt": clash_of_excerpts,
    "recipient": clash_of_recipients,
    "header": clash_of_headers,
    "attachments": clash_of_attachments,
    "reply_state": _states,
    "date": clash_of_dates,
    "business_hours": clash_of_hours,
    "odoo_domain": _domains,
}
