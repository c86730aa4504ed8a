"""The frozen examples as tests see them."""

import json
from dataclasses import dataclass
from importlib import resources
from typing import Any

from schemas.mail import Published
from schemas.topics import TOPICS

FOLDER = resources.files("schemas").joinpath("examples")
RECORDS: dict[str, type[Published]] = {record.ce_type: record for topic in TOPICS for record in topic.records}


@dataclass(frozen=True)
class Example:
    """One record as it is on the wire, in a file that nobody edits once it was released."""

    name: str
    headers: dict[str, str]
    key: str
    value: Any

    @property
    def wire(self) -> bytes:
        """The value's bytes, in the form that pydantic writes."""
        return compact(self.value)


def compact(value: Any) -> bytes:
    """JSON without spaces."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def load_examples() -> list[Example]:
    """All of them, in the order of their names."""
    files = sorted((f for f in FOLDER.iterdir() if f.name.endswith(".json")), key=lambda f: f.name)
    return [Example(name=f.name, **json.loads(f.read_text(encoding="utf-8"))) for f in files]
