"""`results.json`: one benchmark's figures are replaced, the others stay."""

import json
from pathlib import Path

from rich.console import Console

from bench.harness import Result
from bench.results import Entry, entry, merge, read, table, write

MACHINE: dict[str, str | int] = {"cpu": "a cpu", "cores": 2}


def of(name: str, value: float = 1.0) -> Entry:
    return entry(Result(name, "MB", value, "aim", 4.0), MACHINE)


def test_an_entry_is_the_result_with_its_machine() -> None:
    assert of("memory.audit.idle", 3.0) == {
        "name": "memory.audit.idle",
        "unit": "MB",
        "value": 3.0,
        "limit_name": "aim",
        "limit": 4.0,
        "ratio": 0.75,
        "machine": MACHINE,
    }


def test_what_ran_is_replaced_and_the_rest_stays() -> None:
    old = [of("memory.a"), of("memory.gone"), of("memory_map"), of("evaluator", 1.0), of("evaluator.fastest")]
    merged = merge(old, [of("memory.a", 2.0)], ["memory"])
    assert [(each["name"], each["value"]) for each in merged] == [
        ("memory_map", 1.0),
        ("evaluator", 1.0),
        ("evaluator.fastest", 1.0),
        ("memory.a", 2.0),
    ]


def test_the_file_is_a_list_and_reads_back(tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    write(path, [of("a"), of("b")])
    assert json.loads(path.read_text()) == read(path) == [of("a"), of("b")]
    assert [each.name for each in tmp_path.iterdir()] == ["results.json"]


def test_a_file_that_is_missing_or_not_ours_counts_as_empty(tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    assert read(path) == []
    for text in ("", "{", '{"a": 1}', "[1]"):
        path.write_text(text)
        assert read(path) == []


def test_figures_are_short() -> None:
    values = [of("a", value)["value"] for value in (12345.678, 123.456, 1.23456)]
    assert values == [12346, 123.5, 1.235]


def test_the_table_has_a_row_for_each() -> None:
    console = Console(width=120)
    with console.capture() as shown:
        console.print(table([of("first", 12345.6), of("second")]))
    assert "12,346" in shown.get()
    assert "second" in shown.get()
