"""A size as people write it: a number of bytes, or text such as 2 MB."""

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

MAX_BYTES = 10**12
_UNITS = {"": 1, "b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "kib": 2**10, "mib": 2**20, "gib": 2**30}


def read_bytes(value: Any) -> Any:
    """`2 MB` → 2000000, `1.5 KiB` → 1536; what is no text is left as it is. Raises ValueError."""
    if not isinstance(value, str):
        return value
    text = value.strip().lower()
    number = text.rstrip("bgikm ")
    factor = _UNITS.get(text[len(number) :].strip())
    digits = number.replace(".", "", 1)
    if factor is None or len(number) > 15 or not (digits.isascii() and digits.isdigit()):
        raise ValueError('write a size as bytes or as "2 MB"; units: B, kB, MB, GB (1000), KiB, MiB, GiB (1024)')
    return int(float(number) * factor)


ByteCount = Annotated[
    int, BeforeValidator(read_bytes, json_schema_input_type=int | str), Field(strict=True, ge=0, le=MAX_BYTES)
]
