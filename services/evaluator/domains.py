"""Mail domains in the one form in which they are compared: A-labels (RFC 5891), lower case, no final dot."""

import idna

from schemas.comparable import a_label

__all__ = ["a_label", "parents", "u_label"]


def u_label(domain: str) -> str:
    """The same domain as people read it; unchanged where it is not a valid internationalised name."""
    if "xn--" not in domain.lower():
        return domain
    try:
        return idna.decode(domain, uts46=True)
    except (idna.IDNAError, UnicodeError):
        return domain


def parents(domain: str) -> list[str]:
    """The domain itself, then each domain above it: `a.b.c` → `a.b.c`, `b.c`, `c`."""
    labels = domain.split(".")
    return [".".join(labels[start:]) for start in range(len(labels))]
