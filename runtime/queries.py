"""SQL in named files: `queries.sql` beside the store that uses it, each statement below a line `-- name: its_name`."""

import re
from importlib import resources

from runtime.errors import InvalidInputError

_NAME = re.compile(r"^-- name: (\w+)\s*$", re.MULTILINE)


class Queries:
    """The statements of one package's `queries.sql`; an unknown name is an error at start, not at use."""

    def __init__(self, package: str) -> None:
        text = resources.files(package).joinpath("queries.sql").read_text(encoding="utf-8")
        parts = _NAME.split(text)
        self._statements = {name: sql.strip() for name, sql in zip(parts[1::2], parts[2::2], strict=True)}
        self._package = package

    def __getitem__(self, name: str) -> str:
        try:
            return self._statements[name]
        except KeyError:
            raise InvalidInputError(f"{self._package}/queries.sql has no statement named {name}") from None


def load_queries(package: str) -> Queries:
    """The statements of a package, such as `services.ingest`."""
    return Queries(package)
