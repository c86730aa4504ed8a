"""SQL in named files; and every statement and migration of the services is well-formed."""

import re
from importlib import resources

import pytest

from cli.generate.discovery import service_names
from runtime.errors import InvalidInputError
from runtime.queries import load_queries

SAMPLE = "tests.unit.runtime.sample_package"
WITH_QUERIES = [
    name for name in service_names() if resources.files(f"services.{name}").joinpath("queries.sql").is_file()
]
WITH_MIGRATIONS = [
    name for name in service_names() if resources.files(f"services.{name}").joinpath("migrations").is_dir()
]


def test_statements_are_found_by_name() -> None:
    queries = load_queries(SAMPLE)
    assert queries["one_row"] == "SELECT 1;"
    assert queries["several_lines"].splitlines() == [
        "-- a comment of the statement stays",
        "SELECT a",
        "FROM b",
        "WHERE c = $1",
    ]


def test_an_unknown_name_says_where_it_was_looked_for() -> None:
    with pytest.raises(InvalidInputError, match=rf"{re.escape(SAMPLE)}/queries.sql has no statement named other"):
        load_queries(SAMPLE)["other"]


@pytest.mark.parametrize("service", WITH_QUERIES)
def test_names_in_a_services_file_are_unique(service: str) -> None:
    text = resources.files(f"services.{service}").joinpath("queries.sql").read_text(encoding="utf-8")
    names = re.findall(r"^-- name: (.*)$", text, re.MULTILINE)
    assert len(names) == len(set(names))
    assert all(re.fullmatch(r"[a-z][a-z0-9_]*", name) for name in names)


@pytest.mark.parametrize("service", WITH_MIGRATIONS)
def test_migrations_are_numbered_without_gaps(service: str) -> None:
    folder = resources.files(f"services.{service}").joinpath("migrations")
    names = sorted(file.name for file in folder.iterdir() if file.name.endswith(".sql"))
    assert names
    assert [int(name.partition("_")[0]) for name in names] == list(range(1, len(names) + 1))
    assert all(re.fullmatch(r"\d{4}_[a-z0-9_]+\.sql", name) for name in names)
