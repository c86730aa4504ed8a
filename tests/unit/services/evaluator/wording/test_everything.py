"""No field of the contract is without a sentence: a new one fails here until it has one, in every language."""

from collections.abc import Iterator
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from schemas.action import AnyAction
from schemas.condition import Group, Leaf
from schemas.mailbox_action import MailboxActionBase
from schemas.rule import Backlog, Rule
from schemas.scope import Throttle
from schemas.window import Window
from services.evaluator.sentences import preview
from services.evaluator.wording.actions import SENTENCES, action_sentences
from services.evaluator.wording.languages import LANGUAGES
from services.evaluator.wording.words import words_in
from tests.unit.services.evaluator.wording.everything import everything

ENGLISH = words_in(LANGUAGES["en"])
ACTIONS: tuple[type[BaseModel], ...] = get_args(AnyAction)
MODELS = (Rule, Backlog, Throttle, Window, *ACTIONS, *get_args(Leaf), *get_args(Group))
SHARED = set(MailboxActionBase.model_fields)
"""The fields of actions that one place says for all of them."""
SILENT = {"id", "name", "order"}
"""What names a rule or an action, and where a rule stands among others."""


def parts(value: Any) -> Iterator[BaseModel]:
    """Every model in a value, itself included."""
    if isinstance(value, BaseModel):
        yield value
        value = tuple(value.__dict__.values())
    if isinstance(value, tuple):
        for each in value:
            yield from parts(each)


def given(kind: type[BaseModel]) -> set[str]:
    return {name for part in parts(tuple(everything())) if type(part) is kind for name in part.model_fields_set}


@pytest.mark.parametrize("kind", MODELS, ids=lambda kind: kind.__name__)
def test_everything_gives_every_field(kind: type[BaseModel]) -> None:
    elsewhere = SHARED if kind in ACTIONS else SILENT if kind is Rule else set()
    assert set(kind.model_fields) - elsewhere - given(kind) == set()


def test_everything_gives_what_actions_share() -> None:
    assert SHARED - set().union(*map(given, ACTIONS)) == set()


def test_every_action_has_sentences() -> None:
    assert set(SENTENCES) == set(ACTIONS)


@pytest.mark.parametrize("kind", ACTIONS, ids=lambda kind: kind.__name__)
def test_every_option_of_an_action_is_said(kind: type[BaseModel]) -> None:
    options = {name: field for name, field in kind.model_fields.items() if not field.is_required()}
    said = set()
    for action in (part for rule in everything() for part in rule.actions if type(part) is kind):
        for name in action.model_fields_set & set(options):
            without = action.model_copy(update={name: options[name].get_default()})
            if list(action_sentences(action, ENGLISH)) != list(action_sentences(without, ENGLISH)):
                said.add(name)
    assert said == set(options) & given(kind)


def test_every_option_of_a_rule_is_said() -> None:
    options = {name: field for name, field in Rule.model_fields.items() if not field.is_required()}
    said = set()
    for rule in everything():
        for name in rule.model_fields_set & set(options):
            without = rule.model_copy(update={name: options[name].get_default()})
            if preview(rule, ENGLISH) != preview(without, ENGLISH):
                said.add(name)
    assert said == set(options) - SILENT
