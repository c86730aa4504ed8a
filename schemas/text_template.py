"""Text with variables, such as `New mail from {sender_name}`: what an action writes, filled in from the mail.

`{{` and `}}` stand for the braces themselves. There is no other syntax: nothing is looked up, called or formatted.
"""

import re
from collections.abc import Callable, Mapping
from typing import Annotated

from pydantic import AfterValidator, StringConstraints

VARIABLES = {
    "subject": "the mail's subject",
    "sender_name": "the sender's name; the address where there is none",
    "sender_address": "the sender's address",
    "mailbox": "the mailbox's id",
    "received_date": "the day on which the mail was received, such as 2026-12-31 (UTC)",
    "received_time": "the time at which it was received, such as 14:05 (UTC)",
}
_PARTS = re.compile(r"\{\{|\}\}|\{[^{}]*\}|[{}]")


def check_template(text: str) -> str:
    """Raises ValueError for a variable that does not exist, and for a brace that stands alone."""
    for part in _PARTS.findall(text):
        if part in ("{", "}"):
            raise ValueError(f"a single {part!r} is no text; write {part * 2!r} for the brace itself")
        if part not in ("{{", "}}") and part[1:-1] not in VARIABLES:
            raise ValueError(f"there is no variable {part[:40]}; known: {', '.join(VARIABLES)}")
    return text


def filled(text: str, values: Mapping[str, str], escape: Callable[[str], str] = str) -> str:
    """The text with each variable's value, escaped for where it is going. `values` has all of VARIABLES.

    A value is never read for variables again, whatever a mail's sender wrote into it.
    """

    def value(found: re.Match[str]) -> str:
        part = found[0]
        return part[0] if part in ("{{", "}}") else escape(values[part[1:-1]])

    return _PARTS.sub(value, text)


Line = Annotated[str, StringConstraints(max_length=500, pattern=r"^[^\r\n]*$"), AfterValidator(check_template)]
"""One line with variables."""
Text = Annotated[str, StringConstraints(max_length=20_000), AfterValidator(check_template)]
"""Several lines with variables."""
