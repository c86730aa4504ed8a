"""A rule in plain English, sentence by sentence: trigger, conditions with their nesting, actions, order and errors."""

from collections.abc import Iterator

from schemas.condition import Group, Leaf, members
from schemas.rule import Rule
from services.evaluator.action_sentences import action_sentence
from services.evaluator.conditions.registry import sentence

INDENT = "  "
_TRIGGERS = {
    "incoming": "When a mail arrives in the mailbox “{mailbox}”",
    "after_send": "When the mailbox “{mailbox}” has sent a mail",
    "manual": "When someone runs this rule by hand on a mail of the mailbox “{mailbox}”",
}


def preview(rule: Rule) -> list[str]:
    """One sentence a line; conditions are indented by their depth, actions are numbered."""
    return [*_heading(rule), *_conditions(rule), *_actions(rule), *_consequences(rule)]


def _heading(rule: Rule) -> Iterator[str]:
    if not rule.enabled:
        yield "This rule is switched off; it acts only when someone runs it by hand."


def _conditions(rule: Rule) -> Iterator[str]:
    trigger = _TRIGGERS[rule.trigger].format(mailbox=rule.mailbox)
    if sentence(rule.when) == "always":
        yield f"{trigger}, always:"
        return
    yield f"{trigger}, and"
    yield from _tree(rule.when, 1)
    yield "then:"


def _tree(condition: Leaf | Group, depth: int) -> Iterator[str]:
    children = members(condition)
    yield f"{INDENT * depth}- {sentence(condition)}{':' if children else ''}"
    for child in children:
        yield from _tree(child, depth + 1)


def _actions(rule: Rule) -> Iterator[str]:
    for number, action in enumerate(rule.actions, start=1):
        yield f"{INDENT}{number}. {action_sentence(action)}"


def _consequences(rule: Rule) -> Iterator[str]:
    if len(rule.actions) > 1:
        yield (
            "If an action fails, the next ones are not tried."
            if rule.on_error == "stop"
            else "If an action fails, the next ones are tried all the same."
        )
    if rule.stop_processing:
        yield "Later rules are not tried on such a mail."
