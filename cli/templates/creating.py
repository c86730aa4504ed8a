"""`maildesk templates create`: rules of a template as a file, or stored at once; they are always switched off."""

import asyncio
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from cli.applying import default_author, print_changes, print_unpublished, store_and_publish
from cli.reporting import err, exit_codes, out
from cli.templates.file_text import file_text
from cli.templates.given import given
from cli.templates.library import template_named
from cli.templates.making import Made, make
from cli.templates.next_steps import next_steps
from cli.templates.options import Lang, Name, Sets, Values, saying
from cli.templates.values import checked
from runtime.clock import SystemClock
from runtime.errors import InvalidInputError
from services.console.store import apply
from services.evaluator.dead_rules.findings import dead_rules


def create(
    name: Name,
    mailbox: Annotated[str, typer.Option(help="The id of the mailbox that the rules are for.")],
    identity: Annotated[str, typer.Option("--id", help="The id of the rule, or how the ids of several begin.")],
    sets: Sets = None,
    values: Values = None,
    output: Annotated[
        Path | None, typer.Option("--out", help="Write this new file; default: print.", metavar="FILE")
    ] = None,
    store: Annotated[bool, typer.Option("--apply", help="Store the rules at once instead.")] = False,
    author: Annotated[str | None, typer.Option(help="With --apply, who stores them; default: your user name.")] = None,
    lang: Lang = None,
) -> None:
    """Make rules from a template: a file for `rules apply`, or with --apply stored rules. They are switched off.

    --lang chooses the language of the texts that are default, such as an automatic answer. Exit codes: 0 made; 2 a
    value is wrong, or the file or a rule of that id is there already; 3 the database is down.

    Example: maildesk templates create crm-intake --mailbox sales --id leads --set words=offer,price --out leads.yaml
    """
    with exit_codes():
        if store and output:
            raise InvalidInputError("give --out or --apply, not both")
        template, say = template_named(name), saying(lang)
        filled = checked(template, given(template, sets or (), values), say)
        made = make(template, filled, mailbox, identity, say(template.title))
        rules = [rule.id for rule in made.rules]
        if store:
            owner = f"template:{template.name}/{identity}"
            asyncio.run(_store(made, owner, author or default_author()))
            _say(next_steps(rules, None, owner, say), to_stderr=False)
        elif output:
            _write(output, file_text(made, say))
            _say(next_steps(rules, str(output), None, say), to_stderr=False)
        else:
            print(file_text(made, say), end="")
            _say(next_steps(rules, None, None, say), to_stderr=True)
        _warn(made)


async def _store(made: Made, owner: str, author: str) -> None:
    applied, published = await store_and_publish(
        lambda database: apply(database, made.rules, (), owner=owner, author=author, only_new=True)
    )
    print_changes(applied)
    if not published:
        print_unpublished(applied.version)


def _write(path: Path, text: str) -> None:
    """Never over a file that is there, and never half of one."""
    created = False
    try:
        with path.open("x", encoding="utf-8") as file:
            created = True
            file.write(text)
    except FileExistsError:
        raise InvalidInputError(f"{path}: is there already; choose another name, or remove it first") from None
    except OSError as error:
        if created:
            path.unlink(missing_ok=True)
        raise InvalidInputError(f"{path}: cannot be written: {error.strerror or type(error).__name__}") from error


def _warn(made: Made) -> None:
    """Of rules that no mail will reach once they are on, such as an absence in the past. Nothing is refused."""
    on = [rule.model_copy(update={"enabled": True}) for rule in made.rules]
    for found in dead_rules(on, SystemClock().now().date()):
        level = "warning" if found.certain_mistake else "note"
        err.print(f"{level}: rule {found.rule}: {found.text}", markup=False, style="yellow")


def _say(lines: Iterable[str], *, to_stderr: bool) -> None:
    for line in lines:
        (err if to_stderr else out).print(line, markup=False, soft_wrap=True)
