"""The JSON Schema of a rule file as a whole, by which editors complete and check it."""

from typing import Any

from schemas.base import Authored, Slug
from schemas.mailbox import Mailbox
from schemas.rule import Rule

NAME = "rule-file"


class RuleFileText(Authored):
    """A file for `maildesk rules apply`."""

    mailbox: Slug | None = None
    mailboxes: tuple[Mailbox, ...] | None = None
    rules: tuple[Rule, ...] | None = None


def rule_file_schema() -> dict[str, Any]:
    """A rule may leave its mailbox out where the file names one at its top."""
    schema = RuleFileText.model_json_schema()
    schema["$defs"]["Rule"]["required"].remove("mailbox")
    named = {"required": ["mailbox"], "properties": {"mailbox": {"type": "string"}}}
    in_each = {"properties": {"rules": {"items": {"required": ["mailbox"]}}}}
    return {**schema, "anyOf": [named, in_each]}


def language_server_line(path: str) -> str:
    """The first line of a rule file, which names its schema to editors."""
    return f"# yaml-language-server: $schema={path}\n"
