"""JSON Schema (draft 2020-12) of every record, and of what people write: rules, mailboxes, files of both."""

import json
from typing import Any

from pydantic import BaseModel

from cli.generate.repository import REFERENCE, Files
from cli.rule_schema import NAME as RULE_FILE
from cli.rule_schema import rule_file_schema
from schemas.mail import Published
from schemas.mailbox import Mailbox
from schemas.rule import Rule
from schemas.topics import TOPICS

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def records() -> tuple[type[Published], ...]:
    """Every record type, in the order of the topics."""
    return tuple(dict.fromkeys(record for topic in TOPICS for record in topic.records))


def schema_files() -> Files:
    """`docs/reference/schemas/<type>.json`."""
    models: dict[str, type[BaseModel]] = {record.ce_type: record for record in records()}
    models |= {"rule": Rule, "mailbox": Mailbox}
    schemas = {name: model.model_json_schema() for name, model in models.items()} | {RULE_FILE: rule_file_schema()}
    return {f"{REFERENCE}/schemas/{name}.json": schema_text(name, schema) for name, schema in schemas.items()}


def schema_text(name: str, schema: dict[str, Any]) -> str:
    """The file of a schema, under the name by which others refer to it."""
    return json.dumps({"$schema": DIALECT, "$id": f"{name}.json", **schema}, indent=2, ensure_ascii=False) + "\n"
