"""What a command was given for the parameters of a template: `--set NAME=VALUE` and a file of values, as they stand."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Any

from cli.rule_files import file_text
from cli.templates.kinds import KINDS
from cli.templates.parameter import Parameter
from cli.templates.template import Template
from cli.yaml_source import Document, Path, parse, shown
from runtime.errors import InvalidInputError


@dataclass(slots=True)
class Given:
    """Values by name, None for those that were given as empty. `problems` has a line for each that is wrong."""

    values: dict[str, Any] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    place: Callable[[Path], str] = shown
    """How a part of the values is named to people."""

    def problem(self, path: Path, text: str) -> None:
        """Note what is wrong with a part."""
        self.problems.append(f"{self.place(path)}: {text}")


def given(template: Template, sets: Sequence[str], file: FilePath | None) -> Given:
    """What `--set` says goes before the file. Raises InvalidInputError when the file cannot be read."""
    found = _of_file(file) if file else Given()
    said: dict[str, Any] = {}
    for each in sets:
        _take(said, found.problems, template, each)
    in_file = found.place
    found.values |= said
    found.place = lambda path: shown(path) if path[:1] and path[0] in said else in_file(path)
    return found


def _of_file(file: FilePath) -> Given:
    document = parse(file_text(file))
    if document.problems:
        raise InvalidInputError("\n".join(f"{file}:{problem}" for problem in sorted(document.problems)))
    if document.value is not None and not isinstance(document.value, dict):
        raise InvalidInputError(f"{file}:1: must hold a `name: value` line for each parameter")
    return Given(document.value or {}, place=lambda path: _place(file, document, path))


def _place(file: FilePath, document: Document, path: Path) -> str:
    known = path[:1] and path[0] in (document.value or {})
    return f"{file}:{document.line(path)}: {shown(path)}" if known else shown(path)


def _take(said: dict[str, Any], problems: list[str], template: Template, text: str) -> None:
    name, equals, value = text.partition("=")
    if not equals:
        problems.append(f"--set {text[:60]}: write it as NAME=VALUE")
        return
    parameter = next((each for each in template.parameters if each.name == name), None)
    if parameter is None:
        said[name] = value  # named as unknown with everything else that is wrong
    elif parameter.several:
        said[name] = (said.get(name) or []) + _items(value) or None
    elif name in said:
        problems.append(f"{name}: given twice; it takes one value")
    else:
        said[name] = _value(parameter, value)


def _items(value: str) -> list[str]:
    return [each.strip() for each in value.split(",")] if value else []


def _value(parameter: Parameter, text: str) -> Any:
    return KINDS[parameter.kind].read(text) if text else None
