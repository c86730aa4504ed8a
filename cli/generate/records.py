"""JSON Schema (draft 2020-12) of every record, and of the two things that people write: rules and mailboxes."""

import json
from typing import Any

from pydantic import BaseModel

from cli.generate.repository import REFERENCE, Files
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
    return {f"{REFERENCE}/schemas/{name}.json": _text(name, model) for name, model in models.items()}


def _text(name: str, model: type[BaseModel]) -> str:
    schema: dict[str, Any] = {"$schema": DIALECT, "$id": f"{name}.json", **model.model_json_schema()}
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
