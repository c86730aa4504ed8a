"""docs/reference/log.md is the contract of the views: every column, with its type, in its order."""

import re
from pathlib import Path

import pytest

from runtime.postgres import Database
from tests.integration.audit.test_store import store_on

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "log.md"
COLUMNS = """
SELECT column_name, data_type FROM information_schema.columns
WHERE table_schema = 'audit' AND table_name = $1 ORDER BY ordinal_position
"""
VIEWS = "SELECT table_name FROM information_schema.views WHERE table_schema = 'audit'"
SECTION = re.compile(r"^## .*?(?=^## |\Z)", re.MULTILINE | re.DOTALL)
ROW = re.compile(r"^\| ((?:`\w+`(?:, )?)+) \|([^|]*)\|", re.MULTILINE)


def documented() -> dict[str, dict[str, str]]:
    """View → column → type. A type that is left out (as above) is that of an earlier view."""
    known: dict[str, str] = {"instant": "timestamp with time zone"}
    found: dict[str, dict[str, str]] = {}
    for section in SECTION.findall(PAGE.read_text(encoding="utf-8")):
        columns: dict[str, str] = {}
        for names, types in ROW.findall(section):
            given = [each.strip() for each in types.split(",")] if types.strip() else []
            for index, name in enumerate(re.findall(r"\w+", names)):
                short = given[min(index, len(given) - 1)] if given else ""
                columns[name] = {"timestamptz": known["instant"], "": known.get(name, "")}.get(short, short)
                known.setdefault(name, columns[name])
        for view in re.findall(r"`(?:audit\.)?(\w+_v1)`", section.partition("\n")[0]):
            found[view] = columns
    return found


async def test_every_view_is_on_the_page(database: Database) -> None:
    await store_on(database)
    views = {row["table_name"] for row in await database.fetch(VIEWS)}
    assert views == set(documented())


@pytest.mark.parametrize("view", sorted(documented()))
async def test_the_page_names_every_column_and_its_type(database: Database, view: str) -> None:
    await store_on(database)
    actual = {row["column_name"]: row["data_type"] for row in await database.fetch(COLUMNS, view)}
    assert documented()[view] == actual
