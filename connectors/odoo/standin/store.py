"""The stand-in's records: in memory, with savepoints, and an append-only journal that survives kill -9."""

import json
import os
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from connectors.odoo.standin.models import MODELS, Model

Record = dict[str, Any]
Change = tuple[str, int, Record | None]


class Store:
    """Tables by model and id. A change outside `transaction` is a mistake; a transaction's changes are journalled
    before it ends, so what was answered to a client is found again after kill -9 (not after a power cut).
    """

    def __init__(self, journal: Path | None = None, models: Mapping[str, Model] | None = None) -> None:
        self.models = MODELS if models is None else models
        self.tables: dict[str, dict[int, Record]] = {model: {} for model in self.models}
        self._last: dict[str, int] = defaultdict(int)
        self._index: dict[tuple[str, str, Any], set[int]] = defaultdict(set)
        self._undo: list[Change] = []
        self._redo: list[Change] = []
        self._path = journal
        self._journal: BinaryIO | None = None
        if journal is not None:
            self._replay(journal)
            self._compact(journal)

    def next_id(self, model: str) -> int:
        """An id never used before, as a sequence in Postgres gives it: a rollback does not give it back."""
        self._last[model] += 1
        return self._last[model]

    def put(self, model: str, record_id: int, record: Record | None) -> None:
        """Set a record, or delete it with None."""
        self._undo.append((model, record_id, self.tables[model].get(record_id)))
        self._redo.append((model, record_id, record))
        self._apply(model, record_id, record)

    def having(self, model: str, field: str, value: Any) -> set[int] | None:
        """Ids of the records with this value in an indexed field; None when the field is not indexed."""
        if field not in self.models[model].indexed:
            return None
        return self._index.get((model, field, value), set())

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Everything in the body, or nothing of it."""
        mark = len(self._undo)
        try:
            yield
        except BaseException:
            while len(self._undo) > mark:
                model, record_id, before = self._undo.pop()
                self._redo.pop()
                self._apply(model, record_id, before)
            raise

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """A savepoint whose changes are written down when it ends well."""
        with self.savepoint():
            yield
        if self._redo and self._journal is not None:
            self._journal.write(_line(self._redo))
            self._journal.flush()
        self._undo.clear()
        self._redo.clear()

    def close(self) -> None:
        """Close the journal; every transaction is in it already."""
        if self._journal is not None:
            self._journal.close()
            self._journal = None

    def _apply(self, model: str, record_id: int, record: Record | None) -> None:
        before = self.tables[model].pop(record_id, None)
        for field in self.models[model].indexed:
            if before is not None:
                self._index[model, field, before.get(field)].discard(record_id)
            if record is not None:
                self._index[model, field, record.get(field)].add(record_id)
        if record is not None:
            self.tables[model][record_id] = record
        self._last[model] = max(self._last[model], record_id)

    def _replay(self, journal: Path) -> None:
        if not journal.exists():
            return
        for line in journal.read_bytes().split(b"\n"):
            try:
                changes = json.loads(line) if line else []
            except ValueError:
                # the line that kill -9 cut; nobody was told of it
                break
            for model, record_id, record in changes:
                if model in self.tables:
                    self._apply(model, record_id, record)

    def _compact(self, journal: Path) -> None:
        journal.parent.mkdir(parents=True, exist_ok=True)
        whole: list[Change] = [(m, i, record) for m, table in self.tables.items() for i, record in table.items()]
        # the highest id may be a deleted record's, and must not come again
        whole += [(m, i, None) for m, i in self._last.items() if i and i not in self.tables.get(m, {})]
        temporary = journal.with_name(journal.name + ".new")
        with temporary.open("wb") as file:
            file.write(_line(whole) if whole else b"")
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(journal)
        self._journal = journal.open("ab")


def _line(changes: list[Change]) -> bytes:
    return json.dumps(changes, separators=(",", ":")).encode() + b"\n"
