"""Tags as IMAP keywords, by a rule that can be reversed.

A keyword is an atom (RFC 3501 §9 `flag-keyword`): no space, control, `( ) { % * " \\ ]` and nothing outside ASCII.
Those characters, `=` itself and a leading `$` (reserved, RFC 5788 §3) are written as `=XX`, two upper-case hex
digits for each byte of their UTF-8 form; everything else stays. `Büro 1` becomes `B=C3=BCro=201`.

Case is kept, but servers compare keywords without it (RFC 3501 §2.3.2): `vip` and `VIP` are one tag in a mailbox.
"""

import re
from collections.abc import Iterable
from typing import Final

from runtime.errors import InvalidInputError

MAX_KEYWORD: Final = 250
"""Characters of the encoded form. Servers may allow fewer (Dovecot's default is 50) and then refuse clearly."""

_PLAIN: Final = frozenset(chr(c) for c in range(0x21, 0x7F)) - frozenset('(){%*"\\]=')
_ESCAPED = re.compile(r"(?:=[0-9A-F]{2})+")


def to_keyword(tag: str) -> str:
    """The keyword of a tag. Raises InvalidInputError for an empty tag and one that gets longer than MAX_KEYWORD."""
    if not tag:
        raise InvalidInputError("a tag is empty; give it a name", code="invalid-tag")
    try:
        keyword = "".join(c if c in _PLAIN and (i or c != "$") else _escape(c) for i, c in enumerate(tag))
    except UnicodeEncodeError:
        raise InvalidInputError(f"the tag {tag!r} is not valid Unicode text", code="invalid-tag") from None
    if len(keyword) > MAX_KEYWORD:
        raise InvalidInputError(
            f"the tag {tag[:40]!r}… needs {len(keyword)} characters as an IMAP keyword and may have {MAX_KEYWORD}; "
            "choose a shorter one (characters outside ASCII count three for each byte)",
            code="invalid-tag",
        )
    return keyword


def to_tag(keyword: str) -> str | None:
    """The tag whose keyword this is; None for what `to_keyword` never writes (`\\Seen`, `$Forwarded`, `a=zz`)."""
    try:
        tag = _ESCAPED.sub(lambda m: bytes.fromhex(m.group().replace("=", "")).decode(), keyword)
        return tag if to_keyword(tag) == keyword else None
    except (UnicodeDecodeError, InvalidInputError):
        return None


def same(one: str, other: str) -> bool:
    """Whether a server takes two keywords for one."""
    return one.lower() == other.lower()


def among(keyword: str, keywords: Iterable[str]) -> bool:
    """Whether a server takes it for one of them."""
    return any(same(keyword, other) for other in keywords)


def _escape(character: str) -> str:
    return "".join(f"={byte:02X}" for byte in character.encode())
