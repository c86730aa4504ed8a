"""How commands end: 0 ok, 2 what was given is wrong, 3 something that is needed is down, 1 anything else."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import typer
from rich.console import Console

from runtime.errors import InvalidInputError, MaildeskError, TransientError

BAD_INPUT = 2
DOWN = 3

WIDE = 200

out = Console(highlight=False, width=None if sys.stdout.isatty() else WIDE)
"""A pipe has no width: tables are not squeezed for it."""
err = Console(stderr=True, highlight=False, soft_wrap=True)


@contextmanager
def exit_codes() -> Iterator[None]:
    """Print our own errors as text, without a stack, and end with the code that scripts can use."""
    try:
        yield
    except MaildeskError as error:
        err.print(error.text, markup=False, style="red")
        raise typer.Exit(_code(error)) from None


def _code(error: MaildeskError) -> int:
    if isinstance(error, InvalidInputError):
        return BAD_INPUT
    return DOWN if isinstance(error, TransientError) else 1
