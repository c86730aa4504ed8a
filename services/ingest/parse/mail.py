"""One raw mail to its facts: fast where it is well-formed, else carefully; the facts are the same."""

from collections.abc import Callable

from services.ingest.parse.careful import parse_carefully
from services.ingest.parse.fast import parse_fast
from services.ingest.parse.parsed import ParsedMail

__all__ = ["ParsedMail", "Parser", "parse_mail"]

Parser = Callable[[bytes], ParsedMail]


def parse_mail(raw: bytes) -> ParsedMail:
    """Read a mail, however broken. Never fails on any bytes; time and result are bounded by the size."""
    return parse_fast(raw) or parse_carefully(raw)
