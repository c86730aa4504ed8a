"""The options that the commands of templates share."""

import os
from pathlib import Path
from typing import Annotated

import typer

from cli.templates.wording import Say, say_in
from services.evaluator.wording.languages import LANGUAGES, Language, language_named, language_of

Name = Annotated[str, typer.Argument(help="The name of a template; see `templates list`.", metavar="NAME")]
Lang = Annotated[
    str | None,
    typer.Option("--lang", help=f"The language: {', '.join(LANGUAGES)}. Default: that of the environment, or en."),
]
Sets = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        help="A parameter's value; lists are comma separated, or repeat the option. Empty: no value.",
        metavar="NAME=VALUE",
    ),
]
Values = Annotated[
    Path | None,
    typer.Option("--values", help="A YAML file with a `name: value` line for each parameter; --set goes before it."),
]


def language(lang: str | None) -> Language:
    """The one that was asked for, or the environment's. Raises InvalidInputError for one that there is not."""
    return language_named(lang) if lang else language_of(os.environ)


def saying(lang: str | None) -> Say:
    """What translates into it. Raises as above."""
    return say_in(language(lang))
