"""The page of rule templates: every parameter with its kind, default or example, and meaning."""

from cli.generate.markdown import code, table
from cli.generate.repository import NOTE, REFERENCE, Files
from cli.templates.library import templates
from cli.templates.parameter import Parameter
from cli.templates.parameter_lines import notes
from cli.templates.template import Template
from cli.templates.wording import english
from schemas.text_template import VARIABLES

_PAGE = """# Rule templates

{note}

How to make rules from them: [make rules from templates](../howto/rule-templates.md). Values marked with `variables` may
use {variables}.
"""
_HEAD = ("parameter", "value", "default", "example", "meaning")


def rule_template_files() -> Files:
    """`docs/reference/rule-templates.md`."""
    variables = ", ".join(code(f"{{{name}}}") for name in VARIABLES)
    page = _PAGE.format(note=NOTE.format(source="`cli/templates/*.yaml`"), variables=variables)
    return {f"{REFERENCE}/rule-templates.md": page + "".join(map(_section, templates().values()))}


def _section(template: Template) -> str:
    groups = [
        f"At least one of {', '.join(code(name) for name in group)} must be given.\n"
        for group in template.at_least_one_of
    ]
    rows = table(_HEAD, map(_row, template.parameters))
    return (
        "\n".join((f"\n## {template.name}", f"{template.title}. {template.description}\n", rows, *groups)).rstrip()
        + "\n"
    )


def _row(parameter: Parameter) -> tuple[str, ...]:
    kind = ", ".join([*notes(parameter, english), *(["`variables`"] if parameter.variables else [])])
    default, example = (code(_shown(value)) for value in (parameter.default, parameter.example))
    return (code(parameter.name), kind, default, example, parameter.description)


def _shown(value: object) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)
