"""Mail domains in the one form in which they are compared: A-labels (RFC 5891), lower case, no final dot."""

from functools import lru_cache
from typing import NamedTuple

import idna

from schemas.comparable import a_label

__all__ = ["Domain", "a_label", "domain_of"]

LONGEST_NAME = 253
"""Characters (RFC 1035 §2.3.4, without the final dot); what is longer has no domain above it in the DNS."""
REMEMBERED = 4_096
"""Domains that are kept ready: mail comes from the same ones again and again."""


class Domain(NamedTuple):
    """A domain as conditions compare it."""

    name: str
    """As an A-label; empty for none."""
    spellings: tuple[str, ...]
    """As an A-label and, where that differs, as people read it."""
    names: frozenset[str]
    """The domain itself and each domain above it: `a.b.c`, `b.c`, `c`."""


def domain_of(domain: str) -> Domain:
    """What stands behind the `@` of an address, in any spelling. Always the same for the same text."""
    return _remembered(domain) if len(domain) <= LONGEST_NAME else _read(domain)


def _read(domain: str) -> Domain:
    name = a_label(domain)
    readable = _u_label(name)
    return Domain(name, (name,) if readable == name else (name, readable), frozenset({name, *_above(name)}))


_remembered = lru_cache(REMEMBERED)(_read)


def _u_label(domain: str) -> str:
    """As people read it; unchanged where it is not a valid internationalised name."""
    if "xn--" not in domain:
        return domain
    try:
        return idna.decode(domain, uts46=True)
    except (idna.IDNAError, UnicodeError):
        return domain


def _above(domain: str) -> list[str]:
    """Only names, with the dot before: each of thousands of labels would be listed with all that follow it."""
    labels = domain[-LONGEST_NAME - 1 :].split(".")
    return [".".join(labels[start:]) for start in range(1, len(labels))]
