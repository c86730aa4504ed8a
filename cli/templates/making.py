"""From a template and the values of its parameters to rules, which are always switched off."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, get_args

from pydantic import TypeAdapter, ValidationError

from cli.contract_problems import problems_of
from cli.templates.placeholders import Escape, substituted, verbatim
from cli.templates.template import Template
from cli.templates.values import escape_in
from cli.yaml_source import Path, shown
from runtime.errors import InvalidInputError
from schemas.action import AnyAction
from schemas.base import Slug
from schemas.rule import Rule
from schemas.text_template import check_template

_PLACE = re.compile(r"\$\{([a-z_]+)\}")


@dataclass(frozen=True, slots=True)
class Made:
    """Rules as a file says them, without their mailbox, and as they are."""

    template: Template
    mailbox: str
    texts: tuple[dict[str, Any], ...]
    rules: tuple[Rule, ...]


class _Named:
    """Stands for a parameter's value, to see where it would come to stand."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __str__(self) -> str:
        return f"${{{self.name}}}"


def make(template: Template, values: Mapping[str, Any], mailbox: str, identity: str, rule_name: str) -> Made:
    """`identity` is the rule's id, or how it begins. Raises InvalidInputError, which names parameter and place."""
    for option, text in (("--mailbox", mailbox), ("--id", identity)):
        _check_slug(option, text)
    everything = {**values, "id": identity, "rule_name": rule_name}
    texts = tuple(_off(_substituted(template, rule, everything)) for rule in template.rules)
    problems: list[str] = []
    rules = [
        _rule(template, everything, number, {**text, "mailbox": mailbox}, problems) for number, text in enumerate(texts)
    ]
    if problems:
        raise InvalidInputError("\n".join(problems), code="template-refused")
    return Made(template, mailbox, texts, tuple(rule for rule in rules if rule is not None))


def _check_slug(option: str, text: str) -> None:
    try:
        TypeAdapter(Slug).validate_python(text)
    except ValidationError:
        raise InvalidInputError(
            f"{option}: must be lower-case letters, digits, `-`, `_`, `.`, beginning with a letter or digit, at most 63"
        ) from None


def _off(rule: dict[str, Any]) -> dict[str, Any]:
    """Switched off, which stands where people look first."""
    found: dict[str, Any] = {key: rule[key] for key in ("id", "name") if key in rule}
    return {**found, "enabled": False, **rule}


def _substituted(template: Template, rule: dict[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    def escapes(mapping: Mapping[str, Any], field: str) -> Escape:
        if field not in _WITH_VARIABLES.get(str(mapping.get("type")), frozenset()):
            return verbatim
        return lambda name, text: escape_in(template, name, text)

    found: dict[str, Any] = substituted(rule, values, escapes)
    return found


def _rule(
    template: Template, values: Mapping[str, Any], number: int, text: dict[str, Any], problems: list[str]
) -> Rule | None:
    try:
        return Rule.model_validate(text)
    except ValidationError as error:
        places = {name: None if value is None else _Named(name) for name, value in values.items()}
        shape = substituted(template.rules[number], places, lambda _mapping, _field: verbatim)
        for path, said in problems_of(error, Rule, text):
            at_fault = ", ".join(dict.fromkeys(_names(_part(shape, path)))) or template.name
            problems.append(f"{at_fault}: {shown(('rules', number, *path))}: {said}")
        return None


def _part(shape: Any, path: Path) -> Any:
    """The part of a tree that is at the path, or the value that stands for it and everything below."""
    for step in path:
        if isinstance(shape, _Named):
            return shape
        try:
            shape = shape[step]
        except (KeyError, IndexError, TypeError):
            return shape
    return shape


def _names(shape: Any) -> Iterator[str]:
    if isinstance(shape, _Named):
        yield shape.name
    elif isinstance(shape, dict | list):
        for each in shape.values() if isinstance(shape, dict) else shape:
            yield from _names(each)
    elif isinstance(shape, str):
        yield from _PLACE.findall(shape)


def _has_variables(annotation: Any) -> bool:
    if getattr(annotation, "func", None) is check_template:
        return True
    parts = (*get_args(annotation), *getattr(annotation, "metadata", ()))
    return any(_has_variables(each) for each in parts)


def _fields_with_variables(action: Any) -> frozenset[str]:
    return frozenset(
        name
        for name, field in action.model_fields.items()
        if any(_has_variables(each) for each in (field.annotation, *field.metadata))
    )


_WITH_VARIABLES: dict[str, frozenset[str]] = {
    get_args(action.model_fields["type"].annotation)[0]: _fields_with_variables(action)
    for action in get_args(AnyAction)
}
"""The fields of each action in which braces mean variables."""
