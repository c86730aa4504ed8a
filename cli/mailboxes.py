"""`maildesk mailboxes`: apply a file, list what is known, let a person grant the mail of one."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from cli.applying import Given, apply_and_publish, default_author
from cli.authorizing import authorize, grants_of
from cli.connection import open_database
from cli.listing import Listing
from cli.reporting import exit_codes
from cli.rule_files import load_rule_file
from cli.rule_warnings import find_mailbox_warnings
from runtime.clock import SystemClock
from runtime.errors import InvalidInputError
from runtime.migrations import migrate
from runtime.secrets import SecretFolder
from runtime.settings import ServiceSettings
from services.console.reading import list_mailboxes
from services.console.stored import StoredMailbox

app = typer.Typer(no_args_is_help=True, help="Mailboxes: where their mail is, their addresses, their switches.")


@app.command("apply")
def apply_file(
    file: Annotated[Path, typer.Argument(help="A YAML file with `mailboxes:`; rules in it are left alone.")],
    author: Annotated[str | None, typer.Option(help="Who changes them; default: your user name.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print what changed as JSON.")] = False,
) -> None:
    """Create or update the mailboxes of FILE. Others stay as they are; to silence one, set `automation: false`.

    All or nothing, as with `rules apply`. A mailbox that does not say how it sends, and that rules reply from, gets a
    warning. Exit codes: 0 applied, 2 FILE is wrong, 3 the database is down.

    Example: maildesk mailboxes apply examples/mailboxes.yaml
    """
    with exit_codes():
        found = load_rule_file(file)
        if not found.mailboxes:
            raise InvalidInputError(f"{file}: has no mailboxes; list them under `mailboxes:`")
        warnings = asyncio.run(find_mailbox_warnings(found, file))
        given = Given(None, found.mailboxes, str(file.resolve()), author or default_author(), warnings)
        asyncio.run(apply_and_publish(given, as_json=as_json))


@app.command("authorize")
def authorize_one(mailbox: Annotated[str, typer.Argument(help="The mailbox's id.")]) -> None:
    """Let a person grant MailDesk the mail of MAILBOX, for a source or an outgoing with `oauth`.

    Prints an address to open and, where the provider has that, a code to enter there. The refresh token is kept as a
    file of MAILDESK_SECRETS_DIR; it is never printed. Services use it from their next login on. Exit codes: 0 granted,
    2 refused or not kept, 3 the provider or the database is down.

    Example: maildesk mailboxes authorize sales
    """
    with exit_codes():
        kept = asyncio.run(_authorize(mailbox))
    typer.echo(f"granted: {mailbox}; kept as the secret {', '.join(kept)}")


async def _authorize(mailbox: str) -> list[str]:
    boxes = {stored.mailbox.id: stored.mailbox for stored in await _list()}
    if mailbox not in boxes:
        known = ", ".join(sorted(boxes)) or "none"
        raise InvalidInputError(f"there is no mailbox {mailbox}; there are: {known}")
    secrets = SecretFolder(ServiceSettings().secrets_dir)
    grants = grants_of(boxes[mailbox])
    for user, oauth in grants:
        await authorize(user, oauth, secrets, SystemClock(), typer.echo)
    return [oauth.refresh_token for _, oauth in grants]


@app.command("list")
def list_all(as_json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False) -> None:
    """List the mailboxes with their switches.

    Example: maildesk mailboxes list --json
    """
    with exit_codes():
        found = asyncio.run(_list())
    _LISTING.print(found, as_json=as_json)


async def _list() -> list[StoredMailbox]:
    async with open_database() as database:
        await migrate(database, "console")
        return await list_mailboxes(database)


def _cells(stored: StoredMailbox) -> tuple[str, ...]:
    box = stored.mailbox
    switches = ("on" if switch else "off" for switch in (box.automation, box.incoming, box.after_send))
    since = f"{box.acts_since:%Y-%m-%d %H:%M}" if box.acts_since else "all mail"
    return (box.id, box.source.kind, ", ".join(box.addresses), *switches, since)


_LISTING: Listing[StoredMailbox] = Listing(
    columns=("Mailbox", "Source", "Addresses", "Automation", "Incoming", "After send", "Acts on mail since"),
    cells=_cells,
    members=lambda stored: {"mailbox": stored.mailbox.model_dump(mode="json")},
    empty="There are no mailboxes. Apply some: maildesk mailboxes apply FILE",
)
