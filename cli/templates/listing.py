"""`maildesk templates list`."""

import json
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from cli.reporting import exit_codes, out
from cli.templates.library import templates
from cli.templates.options import Lang, saying
from services.evaluator.wording.messages import gettext_noop

_NAME = gettext_noop("Template")
_PURPOSE = gettext_noop("What its rules do")


def list_all(
    lang: Lang = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print them as JSON.")] = False,
) -> None:
    """List the templates: their names, and what their rules do.

    Example: maildesk templates list --lang de
    """
    with exit_codes():
        say = saying(lang)
    if as_json:
        found = [
            {"name": each.name, "title": say(each.title), "description": say(each.description)}
            for each in templates().values()
        ]
        out.print_json(json.dumps(found))
        return
    table = Table(say(_NAME), say(_PURPOSE))
    for each in templates().values():
        table.add_row(each.name, escape(say(each.description)))
    out.print(table)
