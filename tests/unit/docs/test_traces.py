"""docs/reference/traces.md names every span and attribute that the code makes, and no others."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs" / "reference" / "traces.md"
FOLDERS = ("services", "connectors", "runtime", "cli")
MADE = re.compile(r"""\b(?:start_span|span|inner_span|joint_span|passed_on)\(\s*f?"([^"]+)\"""")
ATTRIBUTES = re.compile(r'"((?:maildesk|odoo|messaging)\.[a-z_.]+)":')
SET = re.compile(r'set_attribute\("([^"]+)"')
SECTION = re.compile(r"^## Spans\n(.*?)^## ", re.MULTILINE | re.DOTALL)


def sources() -> list[str]:
    return [path.read_text(encoding="utf-8") for folder in FOLDERS for path in (ROOT / folder).rglob("*.py")]


def spans_section() -> str:
    found = SECTION.search(PAGE.read_text(encoding="utf-8"))
    assert found
    return found[1]


def test_every_span_is_on_the_page_and_nothing_else() -> None:
    made = {re.sub(r"\{.*\}", "<type>", name) for text in sources() for name in MADE.findall(text)}
    documented = set(re.findall(r"^\| `([^`]+)`", spans_section(), re.MULTILINE))
    assert made
    assert documented == made


def test_every_attribute_is_on_the_page_and_nothing_else() -> None:
    texts = [text for text in sources() if MADE.search(text) or "set_attribute" in text]
    used = {name for text in texts for pattern in (ATTRIBUTES, SET) for name in pattern.findall(text)}
    documented = set(re.findall(r"`((?:maildesk|odoo|messaging)\.[a-z_.]+)`", spans_section()))
    assert used
    assert documented == used
