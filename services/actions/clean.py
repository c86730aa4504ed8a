"""Text of other systems, made fit for storing: Postgres takes no NUL, and nothing takes half a surrogate pair."""

from typing import Any

from schemas.result import Produced

MAX_TEXT = 2_000
MAX_DETAIL = 10_000


def clean_text(text: str, limit: int = MAX_TEXT) -> str:
    """At most `limit` characters, without what cannot be stored."""
    whole = text[:limit].replace("\0", "")
    return whole.encode("utf-8", "replace").decode()


def clean_produced(produced: Produced) -> Produced:
    """The same with every text of it clean."""
    # Nearly all are, and to look costs a tenth of making it anew.
    texts = f"{produced.uri}{produced.model}{produced.url}{produced.text}"
    if _is_clean(texts) and (not produced.details or _is_clean(produced.details)):
        return produced
    return Produced.model_validate({name: _clean(value) for name, value in produced.model_dump().items()})


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return clean_text(value, MAX_DETAIL)
    if isinstance(value, dict):
        return {_clean(name): _clean(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(inner) for inner in value]
    return value


def _is_clean(value: Any) -> bool:
    if isinstance(value, str):
        return len(value) <= MAX_DETAIL and value.isascii() and "\0" not in value
    if isinstance(value, dict):
        return all(_is_clean(name) and _is_clean(inner) for name, inner in value.items())
    if isinstance(value, list | tuple):
        return all(map(_is_clean, value))
    return value is None or isinstance(value, int | float)
