"""Decisions that were made once are made again for ever, byte for byte, from the records as the topics held them."""

import json
from pathlib import Path
from typing import Any

import pytest

from runtime.kafka import Received
from schemas.evaluation import EvaluationRequested
from schemas.mail import MailArrived, MailSent
from services.evaluator.builder import RulesetBuilder
from services.evaluator.evaluate import evaluate
from tests.unit.services.evaluator.cases import CASES, FROZEN

FILES = sorted(FROZEN.glob("*.json"))
INPUTS = {each.ce_type: each for each in (MailArrived, MailSent, EvaluationRequested)}


def replayed(case: dict[str, Any]) -> dict[str, Any]:
    """What comes of a case's records."""
    builder = RulesetBuilder()
    for offset, (kind, key, value) in enumerate(case["rules"]):
        headers = (("ce_type", kind.encode()),)
        assert builder.feed(Received("automation-rules", 0, offset, key.encode(), value.encode(), headers, 0)) is None
    found = evaluate(builder.ruleset, INPUTS[case["type"]].model_validate_json(case["value"]))
    return {
        "decision": found.decision.to_json().decode(),
        "commands": [command.to_json().decode() for command in found.commands],
    }


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_frozen_decision_is_made_again(file: Path) -> None:
    case = json.loads(file.read_text())
    assert replayed(case) == {"decision": case["decision"], "commands": case["commands"]}


def test_every_case_is_frozen_and_every_outcome_is_there() -> None:
    assert {file.stem for file in FILES} == set(CASES)
    decisions = [json.loads(json.loads(file.read_text())["decision"]) for file in FILES]
    assert {decision["outcome"] for decision in decisions} == {
        "commands", "no_match", "deferred", "no_rules", "mailbox_off", "mailbox_unknown", "rule_unknown",
        "archived",
    }  # fmt: skip
    verdicts = {verdict["outcome"] for decision in decisions for verdict in decision["verdicts"]}
    assert verdicts == {"matched", "not_matched", "undecidable", "deferred"}
