"""How stored things are listed: as a table for people, whole for machines, the same way for each kind."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

from rich.markup import escape
from rich.table import Table

from cli.reporting import out


class Stamped(Protocol):
    """Who stored it when, as which revision, in which version of the whole set."""

    @property
    def revision(self) -> int: ...
    @property
    def version(self) -> int: ...
    @property
    def author(self) -> str: ...
    @property
    def changed_at(self) -> datetime: ...


T = TypeVar("T", bound=Stamped)


@dataclass(frozen=True, slots=True)
class Listing(Generic[T]):
    """What a kind adds to its stamp: cells of the table, members of the JSON object, and what is said of none."""

    columns: tuple[str, ...]
    cells: Callable[[T], tuple[str, ...]]
    members: Callable[[T], dict[str, Any]]
    empty: str

    def print(self, found: Sequence[T], *, as_json: bool) -> None:
        """Print all of them."""
        if as_json:
            out.print_json(json.dumps([self.members(each) | _stamp(each) for each in found]))
        elif found:
            out.print(self._table(found))
        else:
            out.print(self.empty, markup=False)

    def _table(self, found: Sequence[T]) -> Table:
        table = Table(*self.columns, "Revision", "Changed")
        for each in found:
            changed = f"{each.changed_at:%Y-%m-%d %H:%M} {each.author}"
            table.add_row(*map(escape, (*self.cells(each), str(each.revision), changed)))
        return table


def _stamp(each: Stamped) -> dict[str, Any]:
    return {
        "revision": each.revision,
        "version": each.version,
        "author": each.author,
        "changed_at": each.changed_at.isoformat(),
    }
