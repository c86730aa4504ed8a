"""JSON with holes. What thousands of decisions have in common is dumped once; only the holes are filled each time."""

from collections.abc import Hashable, Mapping, Sequence
from typing import Generic, NamedTuple, Self, TypeVar

from pydantic_core import to_json

K = TypeVar("K", bound=Hashable)


class Template(NamedTuple, Generic[K]):
    """JSON up to the first hole; then for each hole what fills it, and the JSON up to the next."""

    before: str
    holes: tuple[tuple[K, str], ...]

    @classmethod
    def of(cls, text: str, field: str, empty: str, keys: Sequence[K]) -> Self:
        """The holes in a JSON text are where `field` has the JSON value `empty`, in order.

        A value cannot be taken for a hole: inside of texts JSON escapes the quotes around the field's name.
        """
        name = f'"{field}":'
        first, *others = text.split(name + empty)
        parts = [first, *others]
        if len(others) != len(keys):
            raise ValueError(f"the text has {len(others)} times an empty {field}, not {len(keys)} times")
        opened = [part + name for part in parts[:-1]] + parts[-1:]
        return cls(opened[0], tuple(zip(keys, opened[1:], strict=True)))

    def filled(self, values: Mapping[K, str]) -> str:
        """The JSON with these JSON values."""
        parts = [self.before]
        for key, after in self.holes:
            parts += (values[key], after)
        return "".join(parts)

    @property
    def size(self) -> int:
        """Characters that it keeps."""
        return len(self.before) + sum(len(after) for _, after in self.holes)


def json_text(text: str) -> str:
    """A text as the contracts' own JSON has it."""
    return to_json(text).decode()
