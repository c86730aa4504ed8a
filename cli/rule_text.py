"""Rules and mailboxes as the YAML that people read: what a file holds, and what differs between two texts."""

import difflib
from typing import Any

import yaml
from pydantic import BaseModel

WIDTH = 10_000
_FIRST = ("id", "type", "kind")
_NUMBER_LIKE = tuple("0123456789+-.")
_BREAKS = "\x85\u2028\u2029"

Content = BaseModel | dict[str, Any]
"""A rule or a mailbox; a mapping where this program cannot read a stored one any more."""


def document(content: Content) -> dict[str, Any]:
    """What a file says of it: no field that has its default, and no name that only repeats the id."""
    if isinstance(content, BaseModel):
        content = content.model_dump(mode="json", exclude_defaults=True, by_alias=True)
    found: dict[str, Any] = _ordered(content)
    if found.get("name") == found.get("id"):
        found.pop("name", None)
    return found


def yaml_text(value: Any) -> str:
    """Block YAML in the order given, which reads back as exactly this value, whatever text is in it."""
    return yaml.dump(value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=WIDTH)


def diff(before: Content | None, after: Content | None, names: tuple[str, str]) -> str:
    """A unified diff of two contents, None for one that is not there. `names`: what each is called."""
    old, new = (yaml_text(document(each)).splitlines() if each is not None else [] for each in (before, after))
    return "\n".join(difflib.unified_diff(old, new, names[0], names[1], lineterm=""))


def _ordered(value: Any) -> Any:
    """What a thing is stands before what it says."""
    if isinstance(value, dict):
        keys = [key for key in _FIRST if key in value] + [key for key in value if key not in _FIRST]
        return {key: _ordered(value[key]) for key in keys}
    return [_ordered(each) for each in value] if isinstance(value, list) else value


class _Dumper(yaml.SafeDumper):
    """Indents lists, and quotes what another YAML reader might take for a number."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002 - the signature is PyYAML's
        super().increase_indent(flow, indentless=False)


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = None
    if text.startswith(_NUMBER_LIKE) or any(each in text for each in _BREAKS):
        style = '"'
    elif "\n" in text:
        style = "|"
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)
