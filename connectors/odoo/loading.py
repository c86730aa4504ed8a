"""`load` made safe to repeat: bad rows fail alone, lost races and lost answers are looked up before a repeat."""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from connectors.odoo.errors import bounded, is_conflict
from connectors.odoo.port import Cell, Json, Loaded, LoadOutcome, Refused
from runtime.backoff import Backoff
from runtime.clock import Clock
from runtime.errors import InvalidInputError, OutcomeUnknownError, TargetDownError, TransientError

# Odoo: BaseModel.load. `noupdate` with mode `update` leaves existing records alone; cells' datetimes are read in `tz`.
INSERT_ONLY = {"mode": "update", "noupdate": True, "tz": "UTC"}
_EXTERNAL_ID = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\.[A-Za-z0-9_\-]+")
# Not a verdict on the row that it names: Odoo found its transaction broken by something else.
_BROKEN = "Unknown database error"


@dataclass(frozen=True, slots=True)
class Patience:
    """How often a lost race or a lost answer is tried again, and how many seconds everything may take together."""

    tries: int = 4
    seconds: float = 180.0
    backoff: Backoff = field(default_factory=lambda: Backoff(first=0.2, longest=5.0))


class Loading:
    """One `load` of one model: which rows are settled, which are still to be sent."""

    def __init__(
        self,
        model: str,
        fields: Sequence[str],
        rows: Sequence[Sequence[Cell]],
        context: Mapping[str, Any] | None,
        resolve: Callable[[Sequence[str]], Awaitable[dict[str, tuple[str, int]]]],
    ) -> None:
        self._model = model
        self._fields = list(fields)
        self._names = external_ids(fields, rows)
        self._rows = [[_text(cell) for cell in row] for row in rows]
        self._context = {**(context or {}), **INSERT_ONLY}
        self._resolve = resolve
        self._settled: dict[int, Loaded | Refused] = {}
        self._unknown = False

    async def run(
        self, send: Callable[..., Awaitable[Any]], call_seconds: float, patience: Patience, clock: Clock
    ) -> LoadOutcome:
        """Send until every row is settled; raises the last TransientError when the patience is spent."""
        ends = clock.monotonic() + max(patience.seconds, call_seconds)
        calls = failures = 0
        while pending := [index for index in range(len(self._rows)) if index not in self._settled]:
            calls += 1
            try:
                trouble = await self._attempt(send, pending)
            except TransientError as error:
                raise self._honest(error) from error
            if trouble is None:
                if clock.monotonic() + call_seconds > ends and len(self._settled) < len(self._rows):
                    raise TransientError("Odoo refuses row after row; the rest did not fit the time", code="odoo-busy")
                continue
            failures += 1
            pause = patience.backoff.delay(failures)
            if failures >= patience.tries or clock.monotonic() + pause + call_seconds > ends:
                raise self._honest(trouble)
            await clock.sleep(pause)
        return LoadOutcome(tuple(self._settled[index] for index in range(len(self._rows))), calls)

    async def _attempt(self, send: Callable[..., Awaitable[Any]], pending: list[int]) -> TransientError | None:
        rows = [self._rows[index] for index in pending]
        try:
            answer = await send(self._model, "load", [self._fields, rows], {"context": self._context})
        except TargetDownError:
            raise
        except TransientError as error:
            self._unknown = self._unknown or isinstance(error, OutcomeUnknownError)
            return await self._look_up(pending, error)
        ids = answer.get("ids")
        if ids and len(ids) == len(pending):
            self._settled.update({index: Loaded(int(got)) for index, got in zip(pending, ids, strict=True)})
            return None
        return await self._sort_out(pending, answer.get("messages") or [])

    def _honest(self, error: TransientError) -> TransientError:
        # An Odoo that is down now may still have committed the attempt before.
        if self._unknown and not isinstance(error, OutcomeUnknownError):
            return OutcomeUnknownError(f"{error.text}, after a call without an answer", code="odoo-outcome-unknown")
        return error

    async def _sort_out(self, pending: list[int], messages: list[Json]) -> TransientError | None:
        refused: dict[int, str] = {}
        for message in messages:
            text, at = str(message.get("message", "")), (message.get("rows") or {}).get("from")
            if message.get("type") != "error" or not isinstance(at, int) or not 0 <= at < len(pending):
                continue
            if not is_conflict(text) and not text.startswith(_BROKEN):
                refused.setdefault(pending[at], bounded(text))
        if not refused:
            text = next((str(message.get("message")) for message in messages if message.get("type") == "error"), "")
            lost = TransientError(f"Odoo loaded nothing: {bounded(text) or 'it gave no reason'}", code="odoo-conflict")
            return await self._look_up(pending, lost)
        # A refused row may be the loser of a race, told in a language that we do not read: what exists is loaded.
        await self._look_up(list(refused), None)
        self._settled.update({i: Refused(text) for i, text in refused.items() if i not in self._settled})
        return None

    async def _look_up(self, indexes: list[int], trouble: TransientError | None) -> TransientError | None:
        found = await self._resolve([self._names[index] for index in indexes])
        for index in indexes:
            model, record = found.get(self._names[index], ("", 0))
            if model == self._model:
                self._settled[index] = Loaded(record)
        return trouble if any(index not in self._settled for index in indexes) else None


def external_ids(fields: Sequence[str], rows: Sequence[Sequence[Cell]]) -> list[str]:
    """The rows' external ids. Raises InvalidInputError: none, malformed, twice, or a row of another length."""
    if "id" not in fields:
        raise InvalidInputError('load needs the field "id" with external ids: without one, a repeat would duplicate')
    column = list(fields).index("id")
    names: list[str] = []
    for number, row in enumerate(rows):
        if len(row) != len(fields):
            raise InvalidInputError(f"load, row {number}: {len(row)} cells for {len(fields)} fields")
        name = row[column]
        if not isinstance(name, str) or not _EXTERNAL_ID.fullmatch(name):
            raise InvalidInputError(f'load, row {number}: the external id must read "module.name", not {name!r}')
        names.append(name)
    if len(set(names)) != len(names):
        raise InvalidInputError("load: an external id is given twice; send each record once")
    return names


def _text(cell: Cell) -> str | bool:
    # Odoo's converters expect text; False means empty.
    if cell is None or cell is False or cell == "":
        return False
    return "1" if cell is True else str(cell)
