"""The values of a template's parameters: checked, completed with defaults, every problem named with its parameter."""

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

from pydantic import BaseModel, ValidationError, create_model

from cli.contract_problems import problems_of
from cli.templates.given import Given
from cli.templates.parameter import Parameter
from cli.templates.placeholders import filled
from cli.templates.template import Template
from cli.templates.wording import Say
from cli.yaml_source import Path
from runtime.errors import InvalidInputError
from schemas.base import Authored


def checked(template: Template, given: Given, say: Say) -> dict[str, Any]:
    """A value, or None, for each parameter, as JSON has it. `say` translates the texts that are default.

    Raises InvalidInputError with a line for each problem.
    """
    for path, text in _missing(template, given.values):
        given.problem(path, text)
    named = {path[0] for path, _ in _missing(template, given.values)}
    model = _model(template)
    try:
        values = model.model_validate(given.values).model_dump(mode="json")
    except ValidationError as error:
        for path, text in problems_of(error, model, given.values):
            if path[0] not in named:
                given.problem(path, text)
        values = {}
    for path, text in _disagreeing(template, values) if values else ():
        given.problem(path, text)
    if given.problems:
        raise InvalidInputError("\n".join(given.problems), code="template-values-refused")
    return _completed(template, given.values, values, say)


def escape_in(template: Template, name: str, text: str) -> str:
    """A parameter's text for a field with variables, where braces are doubled; one that may use variables stays."""
    known = {each.name: each for each in template.parameters}
    if name in known and known[name].variables:
        return text
    return text.replace("{", "{{").replace("}", "}}")


def _missing(template: Template, values: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
    for each in template.parameters:
        if each.presence == "required" and values.get(each.name) is None:
            yield (each.name,), f"is required. {each.description}"
        elif each.presence == "default" and values.get(each.name, "") is None:
            yield (each.name,), "must have a value; leave it out to use the default"


def _model(template: Template) -> type[BaseModel]:
    fields: dict[str, Any] = {each.name: _field(each) for each in template.parameters}
    return create_model("Values", __base__=Authored, **fields)


def _field(parameter: Parameter) -> tuple[Any, Any]:
    if parameter.presence == "optional":
        return (parameter.value_type | None, parameter.default)
    return (parameter.value_type, ... if parameter.presence == "required" else parameter.default)


def _disagreeing(template: Template, values: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
    for group in template.at_least_one_of:
        if all(values[name] is None for name in group):
            yield (" or ".join(group),), "give at least one of them"
    for group in template.ascending:
        for earlier, later in pairwise(group):
            if values[later] <= values[earlier]:
                yield (later,), f"must be later than {earlier}, which is {values[earlier]}"


def _completed(template: Template, said: Mapping[str, Any], values: dict[str, Any], say: Say) -> dict[str, Any]:
    """A default text is translated, and may name the values of other parameters."""
    done = dict(values)
    for each in template.parameters:
        if each.name not in said and each.is_wording and isinstance(each.default, str):
            done[each.name] = filled(say(each.default), values, lambda name, text: escape_in(template, name, text))
    return done
