"""`sender_domain`: the domain of the sender's address, compared as A-labels; subdomains only when asked."""

from schemas.condition import SenderDomainIs
from services.evaluator.conditions.check import LeafCheck
from services.evaluator.domains import a_label
from services.evaluator.facts import Facts
from services.evaluator.text import quoted
from services.evaluator.wording.words import Words


def wanted_domains(condition: SenderDomainIs) -> frozenset[str]:
    """The domains that are asked for, as A-labels."""
    return frozenset(found for value in condition.equals if (found := a_label(value.strip().removeprefix("@"))))


def compile_check(condition: SenderDomainIs) -> LeafCheck:
    """Ready to be asked. A value may be written with a leading `@`."""
    wanted = wanted_domains(condition)

    def equal(facts: Facts) -> bool:
        return facts.sender.domain.name in wanted

    def equal_or_below(facts: Facts) -> bool:
        return not wanted.isdisjoint(facts.sender.domain.names)

    holds = equal_or_below if condition.subdomains else equal
    return LeafCheck("sender_domain", _wording(condition), holds, _seen)


def _seen(facts: Facts) -> str:
    return facts.sender.domain.name or "no sender domain"


def _wording(condition: SenderDomainIs) -> str:
    return f"is {quoted(condition.equals)}{' or a subdomain' if condition.subdomains else ''}"


def sentence(condition: SenderDomainIs, words: Words) -> str:
    """In words."""
    domains = words.any_of(condition.equals)
    if not condition.subdomains:
        return words.gettext("the sender's domain is {domains}", domains=domains)
    return words.ngettext(
        "the sender's domain is {domains} or one of its subdomains",
        "the sender's domain is {domains} or one of their subdomains",
        len(condition.equals),
        domains=domains,
    )
