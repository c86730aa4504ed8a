"""Records of the outbox without content. Pure."""

import json

from schemas.command import ActionCommand
from schemas.redaction import command_without_content, result_without_content
from schemas.result import ExecutionResult


def emptied(value: bytes, headers: str) -> bytes | None:
    """What is to be published instead; None for a dead letter, from which nothing may be tried again."""
    kind = json.loads(headers).get("ce_type", "")
    if kind == ExecutionResult.ce_type:
        return result_without_content(ExecutionResult.model_validate_json(value)).to_json()
    if kind == ActionCommand.ce_type:
        return command_without_content(ActionCommand.model_validate_json(value)).to_json()
    return None
