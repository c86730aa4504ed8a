"""The third answer: a domain can be neither true nor false for a snapshot."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Undecidable:
    """Why there is no answer. `path` is the dotted path of the term, from the outermost record."""

    path: str
    reason: str

    def __bool__(self) -> bool:
        raise TypeError("an undecidable domain is neither true nor false; ask `is True` or `is False`")


class CannotTellError(Exception):
    """Ends one evaluation; its text is the reason."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(reason)
        self.outcome = Undecidable(path, reason)


def absent(path: str) -> CannotTellError:
    """The snapshot was frozen without a path that the domain reads."""
    return CannotTellError(path, f"the event carries no `{path}`")


def unknown(path: str) -> CannotTellError:
    """The rule names what Odoo has not: no mail will ever have it."""
    return CannotTellError(path, f"Odoo has no field `{path}`, or does not show it to us; correct the rule")


def odoo_raises(path: str, because: str) -> CannotTellError:
    """Odoo itself answers with an error."""
    return CannotTellError(path, f"Odoo refuses the term on `{path}`: {because}")
