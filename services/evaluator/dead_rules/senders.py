"""The sender's address and its domain. An internationalised address has two forms; what holds needs one of them."""

import re
from collections.abc import Sequence

from schemas.condition import SenderDomainIs
from services.evaluator.conditions.sender_domain import wanted_domains
from services.evaluator.dead_rules.claims import Claim, holds
from services.evaluator.dead_rules.formula import Literal
from services.evaluator.dead_rules.texts import Said, clash_of_any, left_of, split
from services.evaluator.domains import LONGEST_NAME, a_label, domain_of

_PLAIN = re.compile(r"[a-z0-9._-]+")
A_LABEL = "xn--"


def clash_of_senders(literals: Sequence[Literal]) -> tuple[Literal, ...] | None:
    """Of an address that a mail may have, in one or two forms, or not."""
    domains = _Domains(literals)
    held, denied = split([each for each in literals if not isinstance(each.leaf, SenderDomainIs)])
    if found := clash_of_any(held, denied) or domains.clash():
        return found
    for literal, claim in held:
        rest = left_of(claim, denied)
        if claim.operator == "equals" and not any(_possible(value, held, domains) for value in rest.values):
            return (literal, *(each for each in literals if each is not literal))
        if claim.operator == "ends" and not any(_possible_end(value, domains) for value in rest.values):
            return (literal, *(each.literal for each in domains.all))
    return domains.clash_with_addresses(denied)


def _possible(value: str, held: Sequence[Said], domains: "_Domains") -> bool:
    """Whether an address may be that one."""
    domain = certain_domain(value)
    if domain is None:
        return A_LABEL in value or all(_also(value, claim) for _, claim in held if claim.operator == "equals")
    return all(_also(value, claim) for _, claim in held) and domains.allow(domain)


def _also(value: str, claim: Claim) -> bool:
    """Whether an address that has this form may meet the claim; by its other form, if it has one."""
    other_form = claim.operator == "equals" and any(A_LABEL in each for each in claim.values)
    return other_form or holds(claim, value) is not False


def _possible_end(value: str, domains: "_Domains") -> bool:
    domain = certain_domain(value) if "@" in value else None
    return domain is None or domains.allow(domain)


def certain_domain(value: str) -> str | None:
    """The domain of every address that is, or ends, so; empty without an `@`; None where there may be another form.

    Folding makes `ss` of the one letter by which an internationalised name can look like a plain one.
    """
    _, at, domain = value.rpartition("@")
    if not at or not domain:
        return ""
    return domain if _PLAIN.fullmatch(domain) and not any(each in domain for each in (A_LABEL, "ss")) else None


class _Asked:
    """One literal about the domain."""

    def __init__(self, literal: Literal) -> None:
        assert isinstance(literal.leaf, SenderDomainIs)
        self.literal = literal
        self.wanted = wanted_domains(literal.leaf)
        self.below = literal.leaf.subdomains

    def holds(self, name: str) -> bool:
        """Of a sender's domain; says what the leaf says, not what is said of it."""
        return not self.wanted.isdisjoint(domain_of(name).names) if self.below else name in self.wanted


class _Domains:
    """All that is said of the domain. Every mail has one, if only the empty one."""

    def __init__(self, literals: Sequence[Literal]) -> None:
        self.all = [_Asked(each) for each in literals if isinstance(each.leaf, SenderDomainIs)]

    def allow(self, name: str) -> bool:
        """Whether everything that is said may be true of that domain."""
        return a_label(name) != name or all(each.holds(name) is each.literal.held for each in self.all)

    def clash(self) -> tuple[Literal, ...] | None:
        """What cannot be true of any domain."""
        held = [each for each in self.all if each.literal.held]
        for number, each in enumerate(held):
            if not any(self._open(each, name) for name in each.wanted):
                return (each.literal, *(other.literal for other in self.all if other is not each))
            for other in held[:number]:
                if each.below and other.below and not _nested(each.wanted, other.wanted):
                    return other.literal, each.literal
        return None

    def _open(self, asked: _Asked, name: str) -> bool:
        if not asked.below:
            return self.allow(name)
        denied = (each for each in self.all if each.below and not each.literal.held)
        return len(name) > LONGEST_NAME or a_label(name) != name or not any(each.holds(name) for each in denied)

    def clash_with_addresses(self, denied: Sequence[Said]) -> tuple[Literal, ...] | None:
        """A domain that is asked for ends the address; so what is denied of its end may leave none."""
        for each in self.all:
            if each.literal.held and not any(
                self._open(each, name) and _may_end(name, each.below, denied) for name in each.wanted
            ):
                return (each.literal, *(literal for literal, _ in denied))
        return None


def _may_end(name: str, below: bool, denied: Sequence[Said]) -> bool:
    if not _PLAIN.fullmatch(name) or A_LABEL in name:
        return True
    end = name if below else f"@{name}"
    return not any(_of_the_end(claim, end) for _, claim in denied)


def _of_the_end(claim: Claim, end: str) -> bool:
    """Whether the claim holds of every text that ends so."""
    if claim.operator == "ends":
        return end.endswith(claim.values)
    return claim.operator == "contains" and any(value in end for value in claim.values)


def _nested(one: frozenset[str], two: frozenset[str]) -> bool:
    """Whether a domain may be below one of each."""
    return any(a == b or a.endswith(f".{b}") or b.endswith(f".{a}") for a in one for b in two)
