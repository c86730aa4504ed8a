"""The templates that come with the program: the YAML files of this package."""

from functools import cache
from importlib.resources import files

from cli.templates.template import Template
from cli.yaml_source import parse
from runtime.errors import InvalidInputError


@cache
def templates() -> dict[str, Template]:
    """All of them, by name. Raises ValueError when a file of the package is broken."""
    found = {}
    for file in sorted(files(__package__).iterdir(), key=lambda each: each.name):
        if not file.name.endswith(".yaml"):
            continue
        document = parse(file.read_text(encoding="utf-8"))
        if document.problems:
            raise ValueError(f"{file.name}:{document.problems[0]}")
        template = Template.model_validate(document.value)
        if file.name != f"{template.name}.yaml":
            raise ValueError(f"{file.name}: holds the template {template.name}")
        found[template.name] = template
    return found


def template_named(name: str) -> Template:
    """Raises InvalidInputError that names those there are."""
    if name not in templates():
        raise InvalidInputError(f"there is no template {name}; known: {', '.join(templates())}")
    return templates()[name]
