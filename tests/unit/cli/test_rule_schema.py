"""The JSON Schema of rule files: it takes what `rules apply` takes, and editors find it from a file's first line."""

import json
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
import yaml

from cli.generate.records import schema_text
from cli.generate.repository import ROOT
from cli.rule_files import load_rule_file
from cli.rule_schema import NAME, rule_file_schema
from cli.yaml_source import parse
from runtime.errors import InvalidInputError

SCHEMA = json.loads(schema_text(NAME, rule_file_schema()))
STAR = {"id": "s", "type": "star"}


def taken_by_schema(value: Any) -> bool:
    return bool(jsonschema.Draft202012Validator(SCHEMA).is_valid(value))


def taken_by_apply(value: Any, file: Path) -> bool:
    file.write_text(yaml.safe_dump(value))
    try:
        load_rule_file(file)
    except InvalidInputError:
        return False
    return True


@pytest.mark.parametrize(
    ("value", "good"),
    [
        ({"mailbox": "m", "rules": [{"id": "r", "actions": [STAR]}]}, True),
        ({"rules": [{"id": "r", "mailbox": "m", "actions": [STAR]}]}, True),
        ({"mailboxes": [{"id": "m", "source": {"kind": "eml", "path": "/m"}}]}, True),
        ({"mailbox": None, "rules": None}, True),
        ({"rules": [{"id": "r", "actions": [STAR]}]}, False),
        ({"mailbox": None, "rules": [{"id": "r", "actions": [STAR]}]}, False),
        ({"mailbox": "m", "rules": [{"id": "r", "actions": []}]}, False),
        ({"mailbox": "m", "rules": [{"id": "r", "actions": [{"id": "s", "type": "stars"}]}]}, False),
        ({"mailbox": "m", "rules": [{"id": "r", "prio": 1, "actions": [STAR]}]}, False),
        ({"rule": []}, False),
        ([], False),
    ],
)
def test_the_schema_and_apply_agree(tmp_path: Path, value: Any, *, good: bool) -> None:
    assert taken_by_schema(value) is good
    assert taken_by_apply(value, tmp_path / "rules.yaml") is good


def test_the_schema_is_one_and_the_examples_satisfy_it() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    for name in ("rules.yaml", "mailboxes.yaml"):
        assert taken_by_schema(parse((ROOT / "examples" / name).read_text()).value), name


def test_the_sample_rules_name_the_committed_schema() -> None:
    file = ROOT / "examples/rules.yaml"
    before, _, path = file.read_text().partition("\n")[0].partition("$schema=")
    assert before == "# yaml-language-server: "
    assert json.loads((file.parent / path).read_text())["$id"] == "rule-file.json"
