"""What the last closed version of the compacted topic `automation-rules` says of one kind of thing.

Changes wait until the record that closes their version has come, so that they take effect together.
"""

import logging
from collections.abc import Iterable
from typing import Generic, Protocol, TypeVar

from pydantic import ValidationError

from schemas.envelope import header
from schemas.rule import RulesetPublished

log = logging.getLogger(__name__)
T = TypeVar("T")


class Keyed(Protocol):
    """A record of the topic as it was read."""

    @property
    def key(self) -> bytes: ...
    @property
    def value(self) -> bytes | None: ...
    @property
    def headers(self) -> tuple[tuple[str, bytes], ...]: ...


class InForce(Generic[T]):
    """Things by id. One whose record cannot be read stays as it was: the program is older than the record."""

    prefix: str
    ce_type: str

    def __init__(self) -> None:
        self.version = 0
        self.current: dict[str, T] = {}
        self._waiting: dict[str, T | None] = {}

    def read(self, value: bytes) -> T:
        """What a record says. Raises ValidationError."""
        raise NotImplementedError

    def take(self, records: Iterable[Keyed]) -> bool:
        """Records of the topic, in order; True when another version is in force now."""
        before = self.version
        for record in records:
            kind = header(record.headers, "ce_type")
            if record.key.startswith(self.prefix.encode()) and (record.value is None or kind == self.ce_type):
                self._change(record)
            elif kind == RulesetPublished.ce_type and record.value is not None:
                self._close(record.value)
        return self.version != before

    def _change(self, record: Keyed) -> None:
        key = record.key.decode("utf-8", "replace").removeprefix(self.prefix)
        if record.value is None:
            self._waiting[key] = None
            return
        try:
            self._waiting[key] = self.read(record.value)
        except ValidationError as error:
            log.warning(
                "a record cannot be read; what it is about stays as it was",
                extra={"key": self.prefix + key, "problems": error.error_count()},
            )

    def _close(self, value: bytes) -> None:
        try:
            version = RulesetPublished.model_validate_json(value).version
        except ValidationError:
            log.warning("the record that closes a version cannot be read")
            return
        for key, found in self._waiting.items():
            if found is None:
                self.current.pop(key, None)
            else:
                self.current[key] = found
        self._waiting.clear()
        self.version = version
