"""Hostile values stay values: whatever is in them, they reach the rule as they were given, and change nothing else."""

import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cli.rule_files import load_rule_file
from cli.templates.file_text import file_text
from cli.templates.given import Given
from cli.templates.making import Made, make
from cli.templates.template import Template
from cli.templates.values import checked
from cli.templates.wording import english
from runtime.errors import InvalidInputError
from schemas.mailbox_action import MoveFolderAction
from schemas.odoo_action import CrmLeadAction, NotifyChannelAction
from schemas.rule import Rule
from schemas.text_template import VARIABLES, filled
from tests.unit.cli.templates.making_rules import made_of

AWKWARD = [
    "${channel}",
    "$text",
    "$$",
    "$if",
    "{{",
    "}}",
    "{subject}",
    "{",
    "%s",
    "'",
    '"',
    "\\",
    ": ",
    " #",
    "- ",
    "---",
]
AWKWARD += [
    "&a",
    "*a",
    "!!str",
    "|",
    ">",
    "\u2028",
    "\ufeff",
    "😀",
    "~",
    "null",
    "yes",
    "0x1",
    "1e3",
    "]",
    ",",
    "\t",
    "<b>",
]
PIECES = st.sampled_from(AWKWARD) | st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=8)
LINES = st.lists(PIECES, min_size=1, max_size=8).map("".join)
TEXTS = st.lists(PIECES | st.just("\n"), min_size=1, max_size=8).map("".join)
BRACES = str.maketrans({"{": "{{", "}": "}}"})


def read_back(made: Made) -> Rule:
    """The one rule, by way of its file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "made.yaml"
        path.write_text(file_text(made, english), encoding="utf-8")
        (rule,) = load_rule_file(path).rules
    assert rule == made.rules[0]
    return rule


@given(LINES, LINES)
@example("$channel", "${words}")
@settings(deadline=None, max_examples=60)
def test_conditions_and_channels_hold_what_was_given(word: str, channel: str) -> None:
    if not channel.strip():
        return
    plain = read_back(made_of("channel-notification", {"channel": "c", "words": ["w"]}))
    rule = read_back(made_of("channel-notification", {"channel": channel, "words": [word]}))
    (action,) = rule.actions
    assert isinstance(action, NotifyChannelAction)
    assert action.channel == channel.strip()
    shown, expected = rule.model_dump(), plain.model_dump()
    expected["actions"][0]["channel"] = channel.strip()
    for leaf in expected["when"]["all"][1]["any"]:
        leaf["contains"] = (word,)
    assert shown == expected


@given(TEXTS)
@example("one\r\ntwo".replace("\r", ""))
@settings(deadline=None, max_examples=60)
def test_a_text_with_variables_is_taken_as_it_is_and_says_what_was_written(text: str) -> None:
    written = text.translate(BRACES)
    (action,) = read_back(made_of("channel-notification", {"channel": "c", "text": written})).actions
    assert isinstance(action, NotifyChannelAction)
    assert action.text == written
    assert filled(action.text, dict.fromkeys(VARIABLES, "?")) == text


@given(LINES)
@settings(deadline=None, max_examples=40)
def test_the_name_of_a_rule_and_a_record_are_taken_as_they_are(line: str) -> None:
    (action, *_) = read_back(made_of("crm-intake", {"record_name": line.translate(BRACES)})).actions
    assert isinstance(action, CrmLeadAction)
    assert action.name == line.translate(BRACES)


@given(st.text(st.characters(categories=["Cc"]), min_size=1, max_size=3).filter(lambda text: text.strip("\n\t")))
def test_control_characters_are_refused_and_named(text: str) -> None:
    with pytest.raises(InvalidInputError, match=r"^words\[0\]: holds the control character U\+00"):
        made_of("crm-intake", {"words": [f"a{text}"]})


def test_what_no_file_can_hold_is_refused_and_named() -> None:
    with pytest.raises(InvalidInputError, match=r"^channel: "):
        made_of("channel-notification", {"channel": "a\udcff"})


TOLD: dict[str, Any] = {
    "name": "told",
    "title": "T",
    "description": "D.",
    "parameters": [
        {"name": "who", "kind": "line", "description": "W.", "default": "x"},
        {"name": "mark", "kind": "line", "description": "M.", "default": "for $who", "variables": True},
    ],
    "rules": [
        {
            "id": "$id",
            "name": "$who",
            "actions": [
                {"id": "a", "type": "notify_channel", "channel": "$who", "text": "$who: {subject} $mark"},
                {"id": "b", "type": "move_folder", "folder": "to $who"},
                {"id": "c", "type": "crm_lead", "name": "$who"},
            ],
        }
    ],
}


@given(LINES.filter(lambda text: len(text) < 100 and text == text.strip()))
@example("{subject}")
@example("{")
@settings(deadline=None, max_examples=40)
def test_braces_are_doubled_where_they_would_mean_variables_and_only_there(who: str) -> None:
    template = Template.model_validate(TOLD)
    values = checked(template, Given({"who": who}), english)
    rule = read_back(make(template, values, "support", "told", template.title))
    told, moved, lead = rule.actions
    assert isinstance(told, NotifyChannelAction)
    assert isinstance(moved, MoveFolderAction)
    assert isinstance(lead, CrmLeadAction)
    shown = dict.fromkeys(VARIABLES, "?")
    assert filled(told.text, shown) == f"{who}: ? for {who}"
    assert filled(lead.name, shown) == who
    assert (rule.name, told.channel, moved.folder) == (who, who, f"to {who}")
