"""Domains over the world's records, seeded: each operator against each kind of field and value, then random trees."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from random import Random
from typing import Any

from schemas.domain import HIERARCHY, MEMBERSHIP, OPERATORS, ORDERINGS, PATTERNS, QUANTIFIERS

TEXTS = (
    "acme", "Acme", "ACME", "", "%", "_", "a_me", "a%e", "[", "100% [x]", "b*d?", "\\", "ß", "İ", "i",
    "info@acme.example",
    "%acme%", "email", "contact", "-", "A\nb",
    "1", "lead", "*", "?", "acme%", "a%c%e%", "_cme", "Gold", "Re:", "p>", "x_y",
)  # fmt: skip
NUMBERS = (0, 1, 5, -1, 2, 50, 12.5, 0.0, 48.5, 1000, 0.1, 10**12)
DATES = (
    "2024-01-01", "2024-02-29", "2023-12-31 23:59:59", "2024-02-29 12:30:45", "2024-01-01 00:00:00",
    "2024", "2024-01",
    "2024-02-29 12", "2024-02-29 12:30", "2030-01-01", "2024-02-29T12:30:45", "soon", "2024-13-01", "1",
)  # fmt: skip
EMPTIES = (False, True, None, "", 0)
KINDS = {
    "boolean": (*EMPTIES, 1),
    **dict.fromkeys(("integer", "float", "monetary", "many2one_reference"), NUMBERS),
    **dict.fromkeys(("date", "datetime"), DATES),
}
RELATIONS = ("many2one", "one2many", "many2many")
_TRIES = {**dict.fromkeys(HIERARCHY, 9), **dict.fromkeys(QUANTIFIERS, 5)}
"""They fit few fields, which are therefore tried more often."""
_UNTRIED_HIERARCHY = ("ir.ui.menu",)


@dataclass(frozen=True)
class Known:
    """What a generator may name: the types of all paths by model, the ids by related model, the names for child_of."""

    types: dict[str, dict[str, str]]
    relations: dict[str, dict[str, str]]
    ids: dict[str, Sequence[int]]


class Generator:
    """Deterministic for a seed and the same world."""

    def __init__(self, known: Known, seed: int) -> None:
        self._known = known
        self._random = Random(seed)

    def each_kind(self, model: str) -> Iterator[list[Any]]:
        """Every operator against every path, with some values each."""
        paths = [*self._known.types[model], "id", "display_name"]
        for path, operator in product(paths, OPERATORS):
            for _ in range(_TRIES.get(operator, 1) + ("." not in path)):
                leaf = self._leaf(model, path, operator, 0)
                if leaf is not None:
                    yield [leaf]

    def random(self, model: str, count: int) -> Iterator[list[Any]]:
        """Trees of a few leaves."""
        for _ in range(count):
            yield self.domain(model, "", 0, sane=self._random.random() < 0.9)

    def domain(self, model: str, prefix: str, depth: int, *, sane: bool = True) -> list[Any]:
        """A domain for the records at `prefix`."""
        found: list[Any] = []
        waiting = self._random.choice((1, 1, 2, 3, 4))
        if self._random.random() < 0.03:
            return found
        while waiting:
            operator = self._random.choice(("", "", "", "&", "|", "|", "!"))
            if operator and len(found) < 8:
                found.append(operator)
                waiting += operator != "!"
                continue
            found.append(self._any_leaf(model, prefix, depth, sane=sane))
            waiting -= 1
        return found

    def _any_leaf(self, model: str, prefix: str, depth: int, *, sane: bool) -> list[Any]:
        if self._random.random() < 0.04:
            return [self._random.choice((0, 1)), "=", 1]
        types = self._known.types[model]
        paths = [path.removeprefix(prefix) for path in types if path.startswith(prefix) and path != prefix]
        while True:
            path = self._random.choice([*paths, "id", "display_name"])
            leaf = self._leaf(model, path, self._random.choice(OPERATORS), depth, prefix, sane=sane)
            if leaf is not None:
                return leaf

    def _leaf(
        self, model: str, path: str, operator: str, depth: int, prefix: str = "", *, sane: bool = False
    ) -> list[Any] | None:
        kind = self._known.types[model].get(prefix + path, "char")
        if path == "id":
            kind = "many2one"
        if operator in QUANTIFIERS:
            return self._quantified(model, path, operator, depth, prefix, kind)
        if operator in HIERARCHY:
            if kind not in RELATIONS or model in _UNTRIED_HIERARCHY:
                return None
            related = self._related(model, prefix, path)
            return [path, operator, self._hierarchy_value(related)] if related in self._hierarchical() else None
        if sane and not _sane(kind, operator):
            return None
        value = self._value(kind, self._related(model, prefix, path), operator, sane=sane)
        if kind == "reference" and operator == "not like" and str(value).isidentifier():
            return None  # Odoo looks for a field of that name; not frozen, so undecidable
        if kind in RELATIONS and path != "id" and self._random.random() < 0.2:
            path += ".id"
        return [path, operator, value]

    def _quantified(self, model: str, path: str, operator: str, depth: int, prefix: str, kind: str) -> list[Any] | None:
        if kind not in RELATIONS or depth > 2:
            return None
        inside = prefix if path == "id" else f"{prefix}{path}."
        if not any(name.startswith(inside) for name in self._known.types[model]):
            return None
        return [path, operator, self.domain(model, inside, depth + 1)]

    def _related(self, model: str, prefix: str, path: str) -> str:
        if path == "id":
            return self._known.relations[model].get(prefix[:-1], model) if prefix else model
        return self._known.relations[model].get(prefix + path, "")

    def _hierarchical(self) -> tuple[str, ...]:
        return ("res.partner", "res.partner.category", "mail.message", "res.company")

    def _hierarchy_value(self, related: str) -> Any:
        ids = self._known.ids.get(related) or (1,)
        one = self._random.choice(ids)
        pool: tuple[Any, ...] = (
            one,
            one,
            [one, self._random.choice(ids)],
            "acme",
            "gold",
            ["acme", "1"],
            False,
            [],
            "%",
        )
        return self._random.choice(pool)

    def _value(self, kind: str, related: str, operator: str, *, sane: bool) -> Any:
        if operator in MEMBERSHIP and self._random.random() < 0.85:
            count = self._random.choice((0, 1, 2, 3))
            members = [self._one(kind, related, "=", sane=sane) for _ in range(count)]
            by_name = [member for member in members if isinstance(member, str)]
            return by_name if by_name and kind in RELATIONS else members
        return self._one(kind, related, operator, sane=sane)

    def _one(self, kind: str, related: str, operator: str, *, sane: bool) -> Any:
        chance = self._random.random()
        if operator in PATTERNS and (sane or chance < 0.93):
            return self._random.choice(TEXTS)
        if chance < 0.12 and operator not in ORDERINGS:
            return self._random.choice(EMPTIES)
        if chance < 0.2 and not sane:
            return self._random.choice((*TEXTS, *NUMBERS, *DATES, *EMPTIES))
        if kind in RELATIONS and chance < 0.75:
            return self._random.choice(self._known.ids.get(related) or (1, 2, 3))
        pool = tuple(
            value for value in KINDS.get(kind, TEXTS) if not sane or kind not in ("date", "datetime") or _is_date(value)
        )
        return self._random.choice(pool)


def _sane(kind: str, operator: str) -> bool:
    """Whether Odoo mostly answers, so that a tree of several leaves is not only an error."""
    numeric = kind in (*KINDS,)
    textual = kind in ("char", "text", "html", "selection")
    if operator in PATTERNS:
        return not numeric
    return not (operator in ORDERINGS and (textual or kind in ("boolean", "reference")))


def _is_date(value: Any) -> bool:
    return str(value).startswith(("20",)) and "T" not in str(value) and "-13" not in str(value)
