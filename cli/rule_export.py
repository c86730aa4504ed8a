"""`maildesk rules export` and `schema`: the rules in force as a file, and what editors need for such files."""

import asyncio
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from cli.connection import open_database
from cli.generate.records import schema_text
from cli.reporting import err, exit_codes
from cli.rule_schema import NAME, language_server_line, rule_file_schema
from cli.rule_text import document, yaml_text
from runtime.errors import InvalidInputError
from runtime.migrations import migrate
from services.console.reading import list_rules
from services.console.stored import StoredRule

Output = Annotated[Path | None, typer.Option("-o", "--output", help="Write this file; default: print.", metavar="FILE")]


def export(
    mailbox: Annotated[str | None, typer.Option(help="Only the rules of this mailbox.")] = None,
    owner: Annotated[
        str | None, typer.Option(help="Only the rules of this owner: the full path of a file, or its --owner.")
    ] = None,
    output: Output = None,
) -> None:
    """Write the rules in force as a file that `rules apply` takes; its third line says how to apply it.

    A file is applied as one owner, so where the rules belong to several, --owner says whose. Exit codes: 0 written, 2
    there are no such rules, or of several owners, 3 the database is down.

    Example: maildesk rules export --mailbox support -o rules.yaml
    """
    with exit_codes():
        stored = asyncio.run(_rules())
        found = [each for each in stored if mailbox in (None, each.rule.mailbox) and owner in (None, each.owner)]
        of = one_owner(stored, found)
        left_out = sorted(each.rule.id for each in stored if each.owner == of and each not in found)
        _give(exported(of, found, left_out), output)
    if left_out:
        err.print(_part(left_out), markup=False)


def schema(output: Output = None) -> None:
    """Write the JSON Schema of rule files, by which an editor completes and checks them.

    Example: maildesk rules schema -o rule-file.json
    """
    with exit_codes():
        _give(schema_text(NAME, rule_file_schema()), output)


def one_owner(stored: Sequence[StoredRule], found: Sequence[StoredRule]) -> str:
    """Whose rules these are. Raises InvalidInputError for none, and for those of several owners."""
    owners = sorted({each.owner for each in found})
    if not owners:
        known = ", ".join(sorted({each.owner for each in stored})) or "none yet"
        raise InvalidInputError(f"there are no such rules; owners with rules: {known}")
    if len(owners) > 1:
        raise InvalidInputError(
            f"these rules belong to {len(owners)} owners, and a file is applied as one; choose with --owner: "
            + ", ".join(owners)
        )
    return owners[0]


def exported(owner: str, found: Sequence[StoredRule], left_out: Sequence[str]) -> str:
    """The whole file. `left_out`: the owner's rules that are not in it."""
    shown = shlex.quote(owner) if owner.isprintable() else ascii(owner)
    head = [
        f"# For editors: maildesk rules schema -o {NAME}.json",
        f"# Changes nothing as it is: maildesk rules apply FILE --owner {shown}",
        *([f"# {_part(left_out)}"] if left_out else []),
    ]
    body = yaml_text({"rules": [document(each.rule) for each in found]})
    return language_server_line(f"./{NAME}.json") + "\n".join(head) + "\n" + body


def _part(left_out: Sequence[str]) -> str:
    return f"Only a part: to apply it as that owner deletes the rules that are not in it: {', '.join(left_out)}"


def _give(text: str, output: Path | None) -> None:
    if output is None:
        print(text, end="")
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InvalidInputError(f"{output}: cannot be written: {error.strerror or type(error).__name__}") from error


async def _rules() -> list[StoredRule]:
    async with open_database() as database:
        await migrate(database, "console")
        return await list_rules(database)
