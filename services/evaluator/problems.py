"""What was wrong with a record, in words that hold none of its content."""

from pydantic import ValidationError

from runtime.errors import InvalidInputError

_SHOWN = 3


def describe(error: ValidationError | InvalidInputError) -> str:
    """The first few problems: where, and which kind. Never the value itself, which may be mail."""
    if isinstance(error, InvalidInputError):
        return error.text
    problems = error.errors(include_url=False, include_context=False, include_input=False)
    shown = [f"{'.'.join(str(part)[:60] for part in p['loc']) or 'record'}: {p['type']}" for p in problems[:_SHOWN]]
    more = f" and {len(problems) - _SHOWN} more" if len(problems) > _SHOWN else ""
    return "; ".join(shown) + more
