"""Records are parsed here; U+0000, which Postgres can hold neither in text nor in jsonb, becomes U+FFFD."""

from typing import Any, TypeVar

from pydantic_core import from_json

from schemas.mail import Published

RecordType = TypeVar("RecordType", bound=Published)
REPLACEMENT = "\ufffd"


def without_nul(value: Any) -> Any:
    """The same JSON value with every U+0000 replaced, in keys too."""
    if isinstance(value, str):
        return value.replace("\x00", REPLACEMENT)
    if isinstance(value, list):
        return [without_nul(item) for item in value]
    if isinstance(value, dict):
        return {without_nul(key): without_nul(item) for key, item in value.items()}
    return value


def parse(model: type[RecordType], value: bytes) -> RecordType:
    """A record without U+0000. Raises ValueError (pydantic's ValidationError is one) when it is not one."""
    # JSON can only hold U+0000 escaped, so almost every record is parsed once, by the fast way.
    if b"\\u0000" not in value:
        return model.model_validate_json(value)
    return model.model_validate(without_nul(from_json(value)))
