"""Every text of the templates themselves that people read, for the catalogues of translations."""

from collections.abc import Iterator
from typing import Any

from cli.templates.library import templates
from cli.templates.parameter import Parameter
from cli.templates.template import Template


def template_messages() -> Iterator[tuple[str, str]]:
    """The file's name and the text; a text may come more than once."""
    for template in templates().values():
        for message in _of_template(template):
            yield f"{template.name}.yaml", message


def _of_template(template: Template) -> Iterator[str]:
    yield template.title
    yield template.description
    for parameter in template.parameters:
        yield parameter.description
        yield from wordings(parameter)


def wordings(parameter: Parameter) -> Iterator[str]:
    """The sentences among its default and its example."""
    for value in (parameter.default, parameter.example) if parameter.is_wording else ():
        yield from _texts(value)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif value is not None:
        yield from value
