"""Mail domains in the one form in which they are compared: A-labels (RFC 5891), lower case, no final dot."""

import idna


def a_label(domain: str) -> str:
    """`MÜNCHEN.example.` → `xn--mnchen-3ya.example`. What IDNA refuses is only lower-cased, so it equals itself."""
    domain = domain.strip().rstrip(".")
    if domain.isascii():
        return domain.lower()
    try:
        return idna.encode(domain, uts46=True).decode("ascii").lower()
    except (idna.IDNAError, UnicodeError):
        return domain.casefold()


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
