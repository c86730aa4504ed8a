"""Regular expressions of rules, on RE2: their time is linear in the text, whatever the pattern and the mail are."""

from collections.abc import Callable
from unicodedata import normalize

import re2

MAX_PATTERN_CHARS = 500
MAX_SEARCHED_CHARS = 10_000
_MAX_MEMORY = 1024 * 1024
_SYNTAX = "https://github.com/google/re2/wiki/Syntax"


def check_pattern(pattern: str) -> str:
    """The pattern itself. Raises ValueError with what RE2 refuses about it."""
    compile_pattern(pattern)
    return pattern


def compile_pattern(pattern: str) -> Callable[[str], bool]:
    """Whether a text contains a match, without regard to case. Only its first 10,000 characters are searched.

    Pattern and text are compared in their composed form (NFC) and not folded further: `.` is a character as people see
    it, and `ß` is not `ss`. The text must be composed already.
    """
    try:
        search = re2.compile(normalize("NFC", pattern).encode(), _options()).search
    except UnicodeEncodeError:
        raise ValueError("the pattern holds half of a surrogate pair, which is no character") from None
    except re2.error as error:
        raise ValueError(_refusal(error)) from None

    def found(text: str) -> bool:
        return search(text[:MAX_SEARCHED_CHARS].encode("utf-8", "replace")) is not None

    return found


def _options() -> re2.Options:
    options = re2.Options()
    options.max_mem = _MAX_MEMORY
    options.case_sensitive = False
    options.never_capture = True
    options.log_errors = False
    return options


def _refusal(error: Exception) -> str:
    reason = error.args[0] if error.args else b""
    text = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
    return f"the pattern is refused by RE2: {text}{_hint(text)}"


def _hint(reason: str) -> str:
    what, _, where = reason.partition(": ")
    if what == "invalid escape sequence" and where[1:].isdigit():
        return "; back-references are not supported"
    if where.startswith(("(?=", "(?!", "(?<")):
        return "; look-ahead and look-behind are not supported"
    if what.startswith("pattern too large"):
        return "; repeat less, or use several patterns"
    return f"; its syntax: {_SYNTAX}"
