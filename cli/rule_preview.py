"""`maildesk rules preview`: what a rule does, in sentences, in one of eight languages."""

import asyncio
import os
from pathlib import Path
from typing import Annotated

import typer

from cli.connection import open_database
from cli.reporting import exit_codes, out
from cli.rule_files import load_rule_file
from runtime.errors import InvalidInputError
from runtime.migrations import migrate
from schemas.rule import Rule
from services.console.reading import get_rule, list_rules
from services.evaluator.sentences import preview as sentences
from services.evaluator.wording.languages import LANGUAGES, language_named, language_of
from services.evaluator.wording.words import Words, words_in

_LANGUAGES = ", ".join(LANGUAGES)


def preview(
    rule: Annotated[
        str | None, typer.Argument(help="The id of a rule; with --file it may be left out.", metavar="ID")
    ] = None,
    lang: Annotated[
        str | None, typer.Option(help=f"One of {_LANGUAGES}; default: as LC_ALL, LC_MESSAGES or LANG say, else en.")
    ] = None,
    file: Annotated[
        Path | None, typer.Option(help="Read the rules of this YAML file instead of those in force; needs no server.")
    ] = None,
) -> None:
    """Say in sentences what a rule does: when, on which mails, what, in which order.

    Exit codes: 0 said, 2 there is no such rule, language or readable file, 3 Postgres is down.

    Example: maildesk rules preview vip --lang de
    """
    with exit_codes():
        words = words_in(language_of(os.environ) if lang is None else language_named(lang))
        found = asyncio.run(_in_force(rule)) if file is None else _of_file(file, rule)
        for number, each in enumerate(found):
            _show(each, words, apart=number > 0, named=len(found) > 1)


def _show(rule: Rule, words: Words, *, apart: bool, named: bool) -> None:
    heading = ([""] if apart else []) + ([f"# {rule.id}"] if named else [])
    for line in heading + sentences(rule, words):
        out.print(line, markup=False, soft_wrap=True)


def _of_file(file: Path, rule: str | None) -> list[Rule]:
    rules = load_rule_file(file).rules
    found = [each for each in rules if rule in (None, each.id)]
    if not found:
        raise _unknown(rule, [each.id for each in rules], str(file))
    return found


async def _in_force(rule: str | None) -> list[Rule]:
    if rule is None:
        raise InvalidInputError("give the id of a rule (`maildesk rules list` shows them), or --file")
    async with open_database() as database:
        await migrate(database, "console")
        found = await get_rule(database, rule)
        if found is None:
            raise _unknown(rule, [each.rule.id for each in await list_rules(database)])
        return [found.rule]


def _unknown(rule: str | None, known: list[str], where: str = "") -> InvalidInputError:
    place = f"{where}: " if where else ""
    return InvalidInputError(f"{place}there is no rule {rule or 'in it'}; known: {', '.join(known) or 'none yet'}")
