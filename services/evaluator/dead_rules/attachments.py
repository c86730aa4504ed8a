"""Attachments: there is one that meets something, or there is none that does."""

from collections.abc import Sequence

from schemas.condition import AttachmentsAre
from services.evaluator.dead_rules.claims import claim_of, forces
from services.evaluator.dead_rules.formula import Literal


def clash_of_attachments(literals: Sequence[Literal]) -> tuple[Literal, ...] | None:
    """One that there is, and that there would be none like."""
    there: list[tuple[Literal, AttachmentsAre]] = []
    none_such: list[tuple[Literal, AttachmentsAre]] = []
    for literal in literals:
        assert isinstance(literal.leaf, AttachmentsAre)
        (there if literal.leaf.present is literal.held else none_such).append((literal, literal.leaf))
    for literal, found in there:
        for other, denied in none_such:
            if _narrower(found, denied):
                return literal, other
    return None


def _narrower(one: AttachmentsAre, two: AttachmentsAre) -> bool:
    """Whether every attachment that meets the one meets the other."""
    return _named(one, two) and _typed(one, two) and _sized(one, two)


def _named(one: AttachmentsAre, two: AttachmentsAre) -> bool:
    if two.name is None:
        return True
    if one.name is None:
        return False
    narrow, wide = claim_of(one.name), claim_of(two.name)
    return all(forces(narrow.operator, value, wide) for value in narrow.values)


def _typed(one: AttachmentsAre, two: AttachmentsAre) -> bool:
    if two.content_type is None:
        return True
    wide = {each.lower() for each in two.content_type}
    narrow = [each.lower() for each in one.content_type or ()]
    return bool(narrow) and all(each in wide or f"{each.partition('/')[0]}/*" in wide for each in narrow)


def _sized(one: AttachmentsAre, two: AttachmentsAre) -> bool:
    least, most = one.larger_than, one.smaller_than
    large_enough = two.larger_than is None or (least is not None and least >= two.larger_than)
    return large_enough and (two.smaller_than is None or (most is not None and most <= two.smaller_than))
