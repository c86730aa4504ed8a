"""The `maildesk` command."""

import typer

from cli import backlog, generate, mailboxes, rules
from cli.dlq import app as dlq
from cli.doctor.app import app as doctor
from cli.erase.app import erase
from cli.explain import explain
from cli.log import log
from cli.reconcile.app import reconcile
from cli.replay.app import app as replay
from cli.retry import retry
from cli.run_rule import run
from cli.service_commands import add_services
from cli.settings import settings
from cli.stats.command import stats
from cli.templates.app import app as templates
from cli.timeline.command import timeline
from cli.topics import app as topics
from cli.undo import undo
from cli.up import up

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Mail automation beside Odoo: mail in, rules decide, actions done once, every step explained.",
)
app.command()(up)
app.add_typer(rules.app, name="rules")
app.add_typer(templates, name="templates")
app.add_typer(mailboxes.app, name="mailboxes")
app.command()(run)
app.command()(undo)
app.command()(log)
app.command()(stats)
app.command()(explain)
app.command()(timeline)
app.command()(reconcile)
app.command()(retry)
app.command()(erase)
app.add_typer(backlog.app, name="backlog")
app.add_typer(dlq, name="dlq")
app.add_typer(doctor, name="doctor")
app.add_typer(replay, name="replay")
app.add_typer(topics, name="topics")
app.command()(settings)
app.add_typer(generate.app, name="generate", hidden=True)
add_services(app)


def main() -> None:
    """Entry point of the console script."""
    app()
