"""`maildesk templates`: list them, show one, make rules from it."""

import typer

from cli.templates.creating import create
from cli.templates.listing import list_all
from cli.templates.showing import show

app = typer.Typer(no_args_is_help=True, help="Rule templates: see what there is, and make rules from them.")
app.command("list")(list_all)
app.command()(show)
app.command()(create)
