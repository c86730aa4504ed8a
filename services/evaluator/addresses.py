"""Addresses as conditions compare them: with the domain in A-label form, and as people read it."""

from typing import NamedTuple

from schemas.mail import Address
from schemas.pattern import MAX_SEARCHED_CHARS
from services.evaluator.domains import Domain, domain_of
from services.evaluator.text import fold


class Sender(NamedTuple):
    """The sender of a mail."""

    address: str
    """As it was received; empty when there is none."""
    forms: tuple[str, ...]
    """The whole address, folded: with the domain in A-label form, and as people read it. None without a sender."""
    domain: Domain
    """The domain of the address; its name is empty when there is none."""


def sender_of(given: Address | None) -> Sender:
    """`given`: the first address of From."""
    address = given.address.strip() if given else ""
    _, at, name = address.rpartition("@")
    domain = domain_of(name if at else "")
    if at and domain.spellings == (name,) and len(address) <= MAX_SEARCHED_CHARS:  # nearly every one: only to be folded
        return Sender(address, (fold(address),), domain)
    return Sender(address, tuple(map(fold, spelled(address))), domain)


def spelled(address: str) -> tuple[str, ...]:
    """A whole address: with the domain in A-label form, and as people read it. None without an address."""
    if not address:
        return ()
    local, at, domain = address.rpartition("@")
    spellings = domain_of(domain).spellings if at else (domain,)
    if spellings == (domain,):
        return (address[:MAX_SEARCHED_CHARS],)
    return tuple([f"{local}@{spelling}"[:MAX_SEARCHED_CHARS] for spelling in spellings])
