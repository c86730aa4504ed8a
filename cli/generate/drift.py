"""Compares generated files with those in the repository, and writes them."""

import difflib
from pathlib import Path

from cli.dashboards.files import dashboard_files
from cli.generate.actions import action_files
from cli.generate.alerts import alert_files
from cli.generate.asyncapi import asyncapi_files
from cli.generate.catalogues import catalogue_files
from cli.generate.metrics import metrics_files
from cli.generate.records import schema_files
from cli.generate.repository import REFERENCE, Files
from cli.generate.retention import retention_files
from cli.generate.rule_templates import rule_template_files
from cli.generate.settings import settings_files
from cli.generate.states import state_files
from cli.generate.topics import topic_files

REMEDY = "generated files are out of date; run `maildesk generate` and commit what it writes"


def generated_files() -> Files:
    """Every generated file, as it ought to be."""
    return {
        **schema_files(),
        **asyncapi_files(),
        **topic_files(),
        **retention_files(),
        **settings_files(),
        **metrics_files(),
        **alert_files(),
        **dashboard_files(),
        **action_files(),
        **state_files(),
        **rule_template_files(),
        **catalogue_files(),
    }


def drift(root: Path, files: Files) -> str:
    """A unified diff from what is there to what ought to be; empty when they agree."""
    found = [_difference(root, path, text) for path, text in sorted(files.items())]
    found += [_difference(root, path, "") for path in stale(root, files)]
    return "".join(found)


def write(root: Path, files: Files) -> list[str]:
    """Write what differs and remove what is generated no more; returns the paths touched."""
    changed = [path for path, text in sorted(files.items()) if _current(root, path) != text]
    for path in changed:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(files[path], encoding="utf-8")
    gone = stale(root, files)
    for path in gone:
        (root / path).unlink()
    return [*changed, *gone]


def stale(root: Path, files: Files) -> list[str]:
    """Schemas of records that are no more. They are the only files whose names come and go."""
    there = (path.relative_to(root).as_posix() for path in (root / REFERENCE / "schemas").glob("*.json"))
    return sorted(path for path in there if path not in files)


def _current(root: Path, path: str) -> str:
    file = root / path
    return file.read_text(encoding="utf-8") if file.is_file() else ""


def _difference(root: Path, path: str, text: str) -> str:
    old, new = _current(root, path).splitlines(keepends=True), text.splitlines(keepends=True)
    return "".join(difflib.unified_diff(old, new, f"{path} (in the repository)", f"{path} (generated)"))
