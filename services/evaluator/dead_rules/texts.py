"""Texts of which a mail has one (subject, excerpt) or any number (headers, recipients)."""

from collections import defaultdict
from collections.abc import Sequence

from schemas.condition import HeaderIs, RecipientIs
from services.evaluator.dead_rules.claims import Claim, fit, forces, holds
from services.evaluator.dead_rules.formula import Literal

Said = tuple[Literal, Claim]


def split(literals: Sequence[Literal]) -> tuple[list[Said], list[Said]]:
    """What is said to hold, and what is not; with the claims."""
    found: tuple[list[Said], list[Said]] = ([], [])
    for literal in literals:
        if literal.claim is not None:
            found[not literal.held].append((literal, literal.claim))
    return found


def left_of(claim: Claim, denied: Sequence[Said]) -> Claim:
    """Without the values that would make something hold that does not."""
    values = [each for each in claim.values if not any(forces(claim.operator, each, other) for _, other in denied)]
    return Claim(claim.operator, tuple(values))


def clash_of_one(literals: Sequence[Literal]) -> tuple[Literal, ...] | None:
    """Of a text that every mail has exactly once."""
    held, denied = split(literals)
    left: list[Said] = []
    for literal, claim in held:
        rest = left_of(claim, denied)
        if rest.operator == "equals":
            rest = Claim("equals", tuple(v for v in rest.values if all(holds(c, v) is not False for _, c in held)))
        if not rest.values:
            return (literal, *(other for other, _ in held + denied if other is not literal))
        for other, before in left:
            if not fit(before, rest):
                return other, literal
        left.append((literal, rest))
    return None


clash_of_subjects = clash_of_one
clash_of_excerpts = clash_of_one


def clash_of_any(held: Sequence[Said], denied: Sequence[Said]) -> tuple[Literal, ...] | None:
    """Of texts of which a mail may have several: what holds needs one, what does not is not true of any."""
    for literal, claim in held:
        if not left_of(claim, denied).values:
            return (literal, *(other for other, _ in denied))
    return None


def clash_of_headers(literals: Sequence[Literal]) -> tuple[Literal, ...] | None:
    """Each header by its name, whose case does not matter."""
    by_name: dict[str, list[Literal]] = defaultdict(list)
    for literal in literals:
        assert isinstance(literal.leaf, HeaderIs)
        by_name[literal.leaf.name.lower()].append(literal)
    clashes = (_presence(found) or clash_of_any(*split(found)) for found in by_name.values())
    return next((clash for clash in clashes if clash), None)


def _presence(literals: Sequence[Literal]) -> tuple[Literal, ...] | None:
    there: Literal | None = None
    absent: Literal | None = None
    for literal in literals:
        assert isinstance(literal.leaf, HeaderIs)
        if literal.leaf.present is None:
            there = literal if literal.held else there
        elif literal.leaf.present is literal.held:
            there = literal
        else:
            absent = literal
    return (there, absent) if there and absent else None


def clash_of_recipients(literals: Sequence[Literal]) -> tuple[Literal, ...] | None:
    """What is true of no recipient is true of none in To and of none in Cc."""
    by_place: dict[str, list[Literal]] = defaultdict(list)
    for literal in literals:
        assert isinstance(literal.leaf, RecipientIs)
        by_place[literal.leaf.where].append(literal)
    denied = {where: split(found)[1] for where, found in by_place.items()}
    nowhere = denied.get("any", [])
    in_to, in_cc = denied.get("to", []) + nowhere, denied.get("cc", []) + nowhere
    found = clash_of_any(split(by_place["to"])[0], in_to) or clash_of_any(split(by_place["cc"])[0], in_cc)
    if found:
        return found
    for said in split(by_place["any"])[0]:
        if (first := clash_of_any([said], in_to)) and (second := clash_of_any([said], in_cc)):
            return tuple(dict.fromkeys((*first, *second)))
    return None
