"""Records as rows, many in a call, archived ones too; what Odoo refuses is left out instead of failing the rest."""

from collections.abc import Collection, Mapping
from typing import Any

from connectors.odoo.errors import usable_without
from connectors.odoo.port import Json, Odoo
from runtime.errors import PermanentError

CHUNK = 1_000
NAME = "display_name"
EVERYONE: dict[str, Any] = {"active_test": False}
Rows = dict[int, Json]


async def read_rows(odoo: Odoo, model: str, ids: Collection[int], names: Collection[str]) -> Rows:
    """The records that exist and that the account may read, by id, each with its display name.

    `search_read` instead of `read`: one record that the account may not see would make `read` refuse them all.
    """
    if not ids:
        return {}
    try:
        everyone = await _archived_too(odoo, model)
    except PermanentError as error:
        usable_without(error)
        return {}
    found: Rows = {}
    for part in _parts(ids):
        asking = _Asking(odoo, model, "search_read", [["id", "in", part], *everyone])
        found.update(await asking.whatever_can_be_read([NAME, *sorted(names)]))
    return found


async def read_linked(odoo: Odoo, model: str, ids: Collection[int], names: Collection[str]) -> Rows:
    """The same with the archived records of x2many fields; `search_read` drops the context that asks for them.

    Of records that all exist and may be read, or there are none.
    """
    found: Rows = {}
    for part in _parts(ids) if names else ():
        asking = _Asking(odoo, model, "read", part, EVERYONE)
        found.update(await asking.whatever_can_be_read([NAME, *sorted(names)]))
    return found


async def read_pointing(odoo: Odoo, model: str, field: str, ids: Collection[int]) -> dict[int, list[int]]:
    """By id, the records of `model` whose many2one `field` holds it, archived ones too; nothing where Odoo refuses."""
    found: dict[int, list[int]] = {ident: [] for ident in ids}
    for part in _parts(ids):
        asked = {"fields": [field], "order": "id", "context": EVERYONE}
        try:
            rows = await odoo.call(model, "search_read", [[[field, "in", part]]], asked)
        except PermanentError as error:
            usable_without(error)
            return {}
        for row in rows:
            if isinstance(row.get(field), list) and row[field][0] in found:
                found[row[field][0]].append(int(row["id"]))
    return found


async def _archived_too(odoo: Odoo, model: str) -> list[Any]:
    """A term that finds archived records without the context that would change how x2many fields read."""
    known = await odoo.fields_get(model)
    active = next((name for name in ("active", "x_active") if name in known), None)
    return [[active, "in", [True, False]]] if active else []


def _parts(ids: Collection[int]) -> list[list[int]]:
    ordered = sorted(ids)
    return [ordered[start : start + CHUNK] for start in range(0, len(ordered), CHUNK)]


class _Asking:
    """One call, repeated with fewer fields while Odoo refuses one of them."""

    def __init__(
        self, odoo: Odoo, model: str, method: str, what: list[Any], context: Mapping[str, Any] | None = None
    ) -> None:
        self._odoo = odoo
        self._model = model
        self._method = method
        self._what = what
        self._more = {"context": dict(context)} if context else {}

    async def whatever_can_be_read(self, names: list[str]) -> Rows:
        rows = await self._try(names)
        if rows is not None:
            return rows
        base = await self._try(names[:1])
        if base is None:
            return {}
        for ident, more in (await self._halves(names[1:])).items():
            if ident in base:
                base[ident].update(more)
        return base

    async def _halves(self, names: list[str]) -> Rows:
        if len(names) < 2:
            return await self._try(names) or {} if names else {}
        found: Rows = {}
        for part in (names[: len(names) // 2], names[len(names) // 2 :]):
            rows = await self._try(part) if len(part) > 1 else None
            if rows is None:
                rows = await self._halves(part)
            for ident, more in rows.items():
                found.setdefault(ident, {}).update(more)
        return found

    async def _try(self, names: list[str]) -> Rows | None:
        try:
            rows = await self._odoo.call(self._model, self._method, [self._what], {"fields": names, **self._more})
        except PermanentError as error:
            usable_without(error)
            return None
        return {int(row["id"]): row for row in rows}
