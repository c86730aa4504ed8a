"""A rule in words, sentence by sentence: trigger, conditions with their nesting, actions, order and errors."""

from collections.abc import Iterator

from schemas.condition import AllOf, Group, Leaf, members
from schemas.rule import Rule
from services.evaluator.conditions.registry import sentence
from services.evaluator.wording.actions import action_sentences
from services.evaluator.wording.expiry import expiry_sentence
from services.evaluator.wording.occasions import state_sentences, trigger_sentence
from services.evaluator.wording.words import Words

INDENT = "  "


def preview(rule: Rule, words: Words) -> list[str]:
    """One line for each condition, indented by its depth, and one for each action, numbered."""
    return [
        *state_sentences(rule, words),
        *_conditions(rule, words),
        *_actions(rule, words),
        *_consequences(rule, words),
    ]


def _conditions(rule: Rule, words: Words) -> Iterator[str]:
    always = isinstance(rule.when, AllOf) and not rule.when.all
    yield trigger_sentence(rule, words, always=always)
    if not always:
        yield from _tree(rule.when, 1, words)
        # Translators: after the conditions and before the numbered actions
        yield words.gettext("then:")


def _tree(condition: Leaf | Group, depth: int, words: Words) -> Iterator[str]:
    yield f"{INDENT * depth}- {sentence(condition, words)}"
    for child in members(condition):
        yield from _tree(child, depth + 1, words)


def _actions(rule: Rule, words: Words) -> Iterator[str]:
    for number, action in enumerate(rule.actions, start=1):
        yield f"{INDENT}{number}. {' '.join(action_sentences(action, words))}"


def _consequences(rule: Rule, words: Words) -> Iterator[str]:
    if rule.expires_after:
        yield expiry_sentence(rule.expires_after, words)
    if len(rule.actions) > 1:
        if rule.on_error == "stop":
            yield words.gettext("If an action fails, the following ones are not tried.")
        else:
            yield words.gettext("If an action fails, the following ones are tried all the same.")
    if rule.stop_processing:
        yield words.gettext("Later rules are not tried on such a mail.")
