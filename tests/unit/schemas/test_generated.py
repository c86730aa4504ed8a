"""Reference pages and manifests are made from code; the committed ones must be what the code makes."""

import json
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
import yaml

from cli.generate.drift import REMEDY, drift, generated_files, stale, write
from cli.generate.repository import ROOT, Files
from schemas.topics import AUDIT_LIVE_CHANGELOG, TOPICS
from tests.unit.schemas.examples import Example, load_examples

CONTRACTS = [topic for topic in TOPICS if topic is not AUDIT_LIVE_CHANGELOG]
"""Faust's own format in that one is nobody's contract."""


@pytest.fixture(scope="module")
def files() -> Files:
    return generated_files()


@pytest.fixture(scope="module")
def asyncapi(files: Files) -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load(files["docs/reference/asyncapi.yaml"])
    return document


def test_the_committed_files_are_current(files: Files) -> None:
    difference = drift(ROOT, files)
    assert not difference, f"{difference}\n{REMEDY}"


def test_the_same_code_makes_the_same_files(files: Files) -> None:
    assert generated_files() == files


def test_drift_shows_what_to_change_and_write_settles_it(tmp_path: Path, files: Files) -> None:
    write(tmp_path, files)
    page, schema = tmp_path / "docs/reference/topics.md", tmp_path / "docs/reference/schemas/rule.json"
    page.write_text(page.read_text().replace("# Topics", "# Themes"))
    schema.unlink()
    (tmp_path / "docs/reference/schemas/of-a-record-that-is-gone.json").write_text("{}\n")

    difference = drift(tmp_path, files)

    assert "-# Themes\n+# Topics\n" in difference
    assert "+++ docs/reference/schemas/rule.json (generated)" in difference
    assert len(write(tmp_path, files)) == 3
    assert not drift(tmp_path, files)
    assert not stale(tmp_path, files)
    assert write(tmp_path, files) == []


@pytest.mark.parametrize("example", load_examples(), ids=lambda example: example.name)
def test_examples_satisfy_their_json_schema(files: Files, example: Example) -> None:
    schema = json.loads(files[f"docs/reference/schemas/{example.headers['ce_type']}.json"])
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(example.value, schema)


def test_every_topic_is_a_channel_with_its_records(asyncapi: dict[str, Any]) -> None:
    found = {name: set(channel["messages"]) for name, channel in asyncapi["channels"].items()}
    assert found == {topic.name: {record.__name__ for record in topic.records} for topic in CONTRACTS}


def test_every_reference_leads_somewhere(asyncapi: dict[str, Any], files: Files) -> None:
    for reference in references(asyncapi):
        if reference.startswith("#/"):
            place: Any = asyncapi
            for step in reference[2:].split("/"):
                place = place[step]
        else:
            assert f"docs/reference/{reference}" in files


def test_every_topic_has_someone_at_both_ends(asyncapi: dict[str, Any]) -> None:
    for topic in CONTRACTS:
        actions = {
            operation["action"]
            for operation in asyncapi["operations"].values()
            if operation["channel"]["$ref"] == f"#/channels/{topic.name}"
        }
        assert actions == {"send", "receive"}, topic.name


def references(node: Any) -> list[str]:
    """Every `$ref` below a node."""
    if isinstance(node, dict):
        own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
        return own + [found for value in node.values() for found in references(value)]
    return [found for value in node for found in references(value)] if isinstance(node, list) else []
