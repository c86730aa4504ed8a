"""What a text condition says of a text as texts are compared, and when one says more than another."""

from typing import NamedTuple

from schemas.condition import ExcerptIs, HeaderIs, TextLeaf
from services.evaluator.plain_text import one_line
from services.evaluator.text import fold


class Claim(NamedTuple):
    """A text is, contains, starts with, ends with, or matches one of the values."""

    operator: str
    values: tuple[str, ...]


def claim_of(leaf: TextLeaf) -> Claim:
    """Values are folded, as the evaluator does it; patterns are as they stand."""
    values = leaf.values
    if leaf.operator != "matches":
        on_one_line = isinstance(leaf, HeaderIs | ExcerptIs)
        values = tuple(fold(one_line(each) if on_one_line else each) for each in values)
    return Claim(leaf.operator, tuple(dict.fromkeys(values)))


def holds(claim: Claim, text: str) -> bool | None:
    """Of a folded text; None for patterns, which read it otherwise."""
    if claim.operator == "matches":
        return None
    if claim.operator == "equals":
        return text in claim.values
    if claim.operator == "starts":
        return text.startswith(claim.values)
    if claim.operator == "ends":
        return text.endswith(claim.values)
    return any(value in text for value in claim.values)


def forces(operator: str, value: str, other: Claim) -> bool:
    """Whether every text of which the one value holds is one of which the other claim holds."""
    if "matches" in (operator, other.operator):
        return operator == other.operator and value in other.values
    if operator == "equals":
        return holds(other, value) is True
    if other.operator == operator == "starts":
        return value.startswith(other.values)
    if other.operator == operator == "ends":
        return value.endswith(other.values)
    return other.operator == "contains" and any(each in value for each in other.values)


def fit(one: Claim, two: Claim) -> bool:
    """Whether one text may meet both, as far as beginnings and ends tell."""
    if one.operator == two.operator == "starts":
        return any(a.startswith(two.values) or any(b.startswith(a) for b in two.values) for a in one.values)
    if one.operator == two.operator == "ends":
        return any(a.endswith(two.values) or any(b.endswith(a) for b in two.values) for a in one.values)
    return True
