"""JSON with holes. What thousands of decisions have in common is dumped once; only the holes are filled each time."""

from collections.abc import Hashable, Mapping, Sequence
from typing import Generic, NamedTuple, Self, TypeVar

from pydantic import BaseModel
from pydantic_core import to_json

K = TypeVar("K", bound=Hashable)


class Template(NamedTuple, Generic[K]):
    """A record's JSON up to the first hole; then for each hole what fills it, and the JSON up to the next."""

    before: str
    holes: tuple[tuple[K, str], ...]

    @classmethod
    def of(cls, record: BaseModel, field: str, empty: str, keys: Sequence[K]) -> Self:
        """The holes are where `field` has the JSON value `empty`, in order.

        A text cannot be taken for a hole: inside of texts JSON escapes the quotes around the field's name.
        """
        name = f'"{field}":'
        first, *others = record.model_dump_json().split(name + empty)
        parts = [first, *others]
        if len(others) != len(keys):
            raise ValueError(f"the record has {len(others)} times an empty {field}, not {len(keys)} times")
        opened = [part + name for part in parts[:-1]] + parts[-1:]
        return cls(opened[0], tuple(zip(keys, opened[1:], strict=True)))

    def filled(self, values: Mapping[K, str]) -> str:
        """The record's JSON with these JSON values."""
        text = self.before
        for key, after in self.holes:
            text += values[key] + after
        return text


def json_text(text: str) -> str:
    """A text as the contracts' own JSON has it."""
    return to_json(text).decode()
