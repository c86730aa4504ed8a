"""The one form in which text, domains and addresses are compared, for all who compare them."""

from unicodedata import normalize

import idna


def fold(text: str) -> str:
    """The form in which two texts are compared (Unicode §3.13 caseless matching, composed)."""
    if text.isascii():
        return text.lower()
    return normalize("NFC", normalize("NFC", text).casefold())


def a_label(domain: str) -> str:
    """`MÜNCHEN.example.` → `xn--mnchen-3ya.example`. What IDNA refuses is only lower-cased, so it equals itself."""
    domain = domain.strip().rstrip(".")
    if domain.isascii():
        return domain.lower()
    try:
        return idna.encode(domain, uts46=True).decode("ascii").lower()
    except (idna.IDNAError, UnicodeError):
        return domain.casefold()


def folded_address(address: str) -> str:
    """`Anna@MÜNCHEN.example` → `anna@xn--mnchen-3ya.example`; what is no address is only folded."""
    local, at, domain = address.strip().rpartition("@")
    return fold(f"{local}{at}{a_label(domain)}") if at else fold(domain)
