"""What documents point at exists: relative links, and paths of the repository in backticks."""

import re
from pathlib import Path

import pytest
import yaml

from cli.generate.repository import ROOT
from cli.rule_files import load_rule_file

PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
TREES = ("tests", "schemas", "runtime", "connectors", "services", "cli", "sandbox", "deploy", "docs")
DECISIONS = sorted(ROOT.glob("docs/decisions/0*.md"))


@pytest.fixture(params=PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def page(request: pytest.FixtureRequest) -> Path:
    found: Path = request.param
    return found


def test_relative_links_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text())
    local = [target for target in targets if "://" not in target]
    assert not [target for target in local if not (page.parent / target).exists()]


def test_paths_in_backticks_exist(page: Path) -> None:
    named = re.findall(rf"`((?:{'|'.join(TREES)})/[\w./-]*)`", page.read_text())
    assert not [path for path in named if not (ROOT / path).exists()]


@pytest.mark.parametrize("decision", DECISIONS, ids=lambda path: path.name)
def test_a_decision_says_what_enforces_it(decision: Path) -> None:
    headings = re.findall(r"^## (.*)$", decision.read_text(), re.MULTILINE)
    assert headings == ["Context", "Decision", "Consequences", "The check that enforces it"]
    assert decision.name in (decision.parent / "README.md").read_text()


def test_files_in_the_how_tos_are_taken(tmp_path: Path) -> None:
    blocks = [
        block
        for page in sorted(ROOT.glob("docs/howto/*.md"))
        for block in re.findall(r"```yaml\n(.*?)```", page.read_text(), re.DOTALL)
    ]
    assert len(blocks) >= 2
    for number, block in enumerate(blocks):
        file = tmp_path / f"{number}.yaml"
        file.write_text(block)
        found = load_rule_file(file)
        assert len(found.mailboxes) + len(found.rules) == sum(
            len(value) for value in yaml.safe_load(block).values() if isinstance(value, list)
        )
