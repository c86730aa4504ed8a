"""Why a domain held or not: each leaf with what was seen of the record, and the leaves that settled it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from schemas.domain import Leaf, Terms, plain
from schemas.facts import Snapshot
from services.evaluator.odoo_domain.evaluate import Answer, combined, compile_leaves
from services.evaluator.odoo_domain.leaf import segments_of, shown_values
from services.evaluator.odoo_domain.scene import Scene, read
from services.evaluator.odoo_domain.undecidable import CannotTellError, Undecidable
from services.evaluator.text import cut

_SHOWN_VALUES = 20
_SHOWN_CHARS = 200


@dataclass(frozen=True, slots=True)
class LeafFinding:
    """One leaf of the outermost level. `held` is None where it has no answer; `seen` and `text` are bounded."""

    leaf: Leaf
    held: bool | None
    seen: str
    decided: bool

    @property
    def text(self) -> str:
        """The leaf as a person writes it."""
        ((path, operator, value),) = plain((self.leaf,))
        return cut(f"({path!r}, {operator!r}, {value!r})")


@dataclass(frozen=True, slots=True)
class Explanation:
    """The answer of the whole domain, with its leaves in the domain's order."""

    answer: Answer
    leaves: tuple[LeafFinding, ...]


def explain(domain: Terms, snapshot: Snapshot) -> Explanation:
    """The same answer as `compile_domain(domain)(snapshot)`, with its reasons."""
    scene = Scene(snapshot, snapshot)
    leaves = [term for term in domain if isinstance(term, Leaf)]
    answers = [_ask(test, scene) for test in compile_leaves(domain)]
    unclear = [index for index, answer in enumerate(answers) if isinstance(answer, Undecidable)]
    answer: Answer
    if unclear:
        answer, deciding = answers[unclear[0]], frozenset(unclear)
    else:
        held = [answer is True for answer in answers]
        answer, deciding = combined(domain, held), _deciding(domain, held)
    return Explanation(
        answer,
        tuple(
            LeafFinding(leaf, None if isinstance(found, Undecidable) else found, _seen(leaf, scene), index in deciding)
            for index, (leaf, found) in enumerate(zip(leaves, answers, strict=True))
        ),
    )


def _ask(test: Any, scene: Scene) -> Answer:
    try:
        return bool(test(scene))
    except CannotTellError as error:
        return error.outcome


Reasons = tuple[bool, frozenset[int]]


def _deciding(terms: Terms, held: Sequence[bool]) -> frozenset[int]:
    """The leaves that settled it: the first operand that suffices, else both."""
    stack: list[Reasons] = []
    position = len(held)
    for term in reversed(terms):
        if isinstance(term, Leaf):
            position -= 1
            stack.append((held[position], frozenset((position,))))
        elif term == "!":
            found, reasons = stack.pop()
            stack.append((not found, reasons))
        else:
            stack.append(_settled(stack.pop(), stack.pop(), settles=term == "|"))
    whole: Reasons = (True, frozenset())
    for operand in reversed(stack):
        whole = _settled(whole, operand, settles=False)
    return whole[1]


def _settled(first: Reasons, second: Reasons, *, settles: bool) -> Reasons:
    if first[0] is settles:
        return first
    if second[0] is settles:
        return second
    return (not settles, first[1] | second[1])


def _seen(leaf: Leaf, scene: Scene) -> str:
    """The values at the leaf's path, cut before they are written."""
    if not isinstance(leaf.path, str):
        return ""
    try:
        values = shown_values(read(scene, segments_of(leaf)))
    except CannotTellError as error:
        return cut(str(error), _SHOWN_CHARS)
    shown = ", ".join(_shown(value) for value in values[:_SHOWN_VALUES])
    return cut(shown or "nothing", _SHOWN_CHARS)


def _shown(value: Any) -> str:
    if isinstance(value, str):
        return f"“{cut(value, _SHOWN_CHARS)}”"
    if value is None or value is False:
        return "empty"
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    return str(value)
