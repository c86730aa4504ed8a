"""The name of a header field (RFC 5322 §2.2): printable ASCII without the colon."""

from typing import Annotated

from pydantic import AfterValidator, StringConstraints

MAX_CHARS = 100


def check_field_name(name: str) -> str:
    """The name itself. Raises ValueError."""
    if wrong := sorted({character for character in name if not "!" <= character <= "~" or character == ":"}):
        raise ValueError(f"a header's name is ASCII without spaces and without its colon; found {wrong[0]!a}")
    return name


FieldName = Annotated[str, StringConstraints(min_length=1, max_length=MAX_CHARS), AfterValidator(check_field_name)]
