"""The templates that come with the program: whatever is given, they make complete rules that are switched off."""

from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from cli.rule_files import load_rule_file
from cli.templates.file_text import file_text
from cli.templates.library import template_named, templates
from cli.templates.template import Template
from cli.templates.wording import english
from runtime.errors import InvalidInputError
from schemas.condition import ReplyStateIs, leaves
from schemas.reply_action import AutoReplyAction
from schemas.scope import Throttle
from tests.unit.cli.templates.making_rules import NEEDED, example_values, made_of

NAMES = list(NEEDED)


def test_these_are_the_templates() -> None:
    assert list(templates()) == NAMES
    with pytest.raises(InvalidInputError, match="there is no template vip; known: acknowledgement, "):
        template_named("vip")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("given", ["least", "examples"])
def test_a_template_makes_a_valid_rule_file_whose_rules_are_off(tmp_path: Path, name: str, given: str) -> None:
    made = made_of(name, NEEDED[name] if given == "least" else example_values(templates()[name]))
    path = tmp_path / "made.yaml"
    path.write_text(file_text(made, english), encoding="utf-8")
    found = load_rule_file(path)
    assert found.rules == made.rules
    assert [(each.id, each.mailbox, each.enabled) for each in found.rules] == [("mine", "support", False)]
    lines = path.read_text(encoding="utf-8").splitlines()
    assert lines[0] == "# yaml-language-server: $schema=./rule-file.json"
    assert lines[1] == f"# Made from the template {name}. Its rules act once they say `enabled: true`."
    assert "    enabled: false" in lines
    assert "$" not in "".join(lines[1:])
    assert "&id" not in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_each_optional_parameter_may_be_left_out_or_given_alone(name: str) -> None:
    template = templates()[name]
    optional = [each for each in template.parameters if each.presence == "optional"]
    tried = 0
    for left_out in [*combinations(optional, 1), *combinations(optional, 2), tuple(optional)]:
        values = {**example_values(template), **{each.name: None for each in left_out}}
        if any(all(values[each] is None for each in group) for group in template.at_least_one_of):
            continue
        assert not made_of(name, values).rules[0].enabled
        tried += 1
    for each in optional:
        alone = {**NEEDED[name], each.name: each.default if each.default is not None else each.example}
        assert not made_of(name, alone).rules[0].enabled
        tried += 1
    assert tried >= len(optional)


@pytest.mark.parametrize("name", NAMES)
def test_every_parameter_makes_a_difference(name: str) -> None:
    template = templates()[name]
    base = {**example_values(template), "order": 5}
    others: dict[str, Any] = {
        "date": {"first_day": "2027-07-20", "back_on": "2027-08-10"},
        "time": {"opens": "07:00", "closes": "19:00"},
        "time_zone": "Asia/Tokyo",
        "weekdays": ["sat"],
        "integer": 9,
        "duration": "9d",
        "choice": "opportunity",
        "line": "Other",
        "text": "Other",
        "lines": ["other"],
        "addresses": ["other@other.example"],
        "domains": ["other.example"],
        "logins": ["other"],
        "channel": "other",
        "tag": "other",
    }
    for each in template.parameters:
        other = others[each.kind]
        other = other[each.name] if isinstance(other, dict) else other
        changed = made_of(name, {**base, each.name: other}).texts
        assert changed != made_of(name, base).texts, each.name
        assert repr(other).strip("[]") in repr(changed), each.name


@pytest.mark.parametrize("name", NAMES)
def test_automatic_mail_is_left_alone(name: str) -> None:
    (rule,) = made_of(name, NEEDED[name]).rules
    assert next(leaf.equals for leaf in leaves(rule.when) if isinstance(leaf, ReplyStateIs)) == "personal"


def test_answers_are_bounded() -> None:
    (acknowledgement,) = made_of("acknowledgement", {}).rules[0].actions
    assert isinstance(acknowledgement, AutoReplyAction)
    assert acknowledgement.scope == "thread"
    (vacation,) = made_of("vacation", NEEDED["vacation"]).rules[0].actions
    assert isinstance(vacation, AutoReplyAction)
    assert vacation.scope == Throttle(every="7d", per="sender")
    assert vacation.window is not None
    assert (str(vacation.window.on_or_after), str(vacation.window.before)) == ("2027-07-19", "2027-08-09")
    assert "after my return on 2027-08-09." in vacation.text


GOOD: dict[str, Any] = {
    "name": "t",
    "title": "T",
    "description": "D.",
    "parameters": [{"name": "folder", "kind": "line", "description": "F.", "default": "x"}],
    "rules": [{"id": "$id", "actions": [{"id": "a", "type": "move_folder", "folder": "$folder"}]}],
}
PARAMETER = GOOD["parameters"][0]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"rules": [{"id": "$id", "folder": "$fodler"}]}, "not declared: fodler"),
        ({"rules": [{"id": "$id"}]}, "never used: folder"),
        ({"rules": [{"id": "$id", "folder": "$folder", "enabled": True}]}, "enabled and mailbox are given"),
        ({"rules": [{"id": "$id", "folder": "$"}]}, "a single $ is no text"),
        ({"parameters": [PARAMETER, PARAMETER]}, "declared twice: folder"),
        ({"parameters": [PARAMETER, {**PARAMETER, "name": "id"}]}, "given by the command already: id"),
        ({"parameters": [{**PARAMETER, "default": None}]}, "give a default or an example"),
        ({"parameters": [{**PARAMETER, "default": "a\nb"}]}, "must be one line"),
        ({"parameters": [{**PARAMETER, "choices": ["x"]}]}, "a choice has choices, and nothing else has"),
        ({"parameters": [{**PARAMETER, "kind": "tag", "variables": True}]}, "only a line or a text may use"),
        ({"at_least_one_of": [["folder", "nope"]]}, "not declared: nope"),
        ({"colour": "red"}, "Extra inputs are not permitted"),
    ],
)
def test_a_broken_template_is_refused(changes: dict[str, Any], said: str) -> None:
    assert Template.model_validate(GOOD).name == "t"
    with pytest.raises(ValidationError) as caught:
        Template.model_validate({**GOOD, **changes})
    assert said in str(caught.value)
