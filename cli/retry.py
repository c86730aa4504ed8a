"""`maildesk retry`: take failed commands up again."""

from typing import Annotated

import typer

from cli.applying import default_author
from cli.dlq import AsJson, Code, DryRun, Force, Limit, Mailbox, Rule, Since, Type, Yes
from cli.dlq_handling import Asked
from cli.dlq_open import OF_COMMANDS, topics_of
from cli.dlq_survey import Sought
from cli.dlq_work import Manner, work
from cli.reporting import exit_codes
from cli.since import parse_since


def retry(
    commands: Annotated[
        list[str] | None, typer.Argument(help="Commands, by their id in `maildesk dlq list`.", metavar="COMMAND-ID")
    ] = None,
    type: Type = None,  # noqa: A002 - the name of the option
    rule: Rule = None,
    mailbox: Mailbox = None,
    code: Code = None,
    since: Since = None,
    limit: Limit = 1_000,
    dry_run: DryRun = False,
    force_unknown: Force = False,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Take failed commands up again, each as a new command for the same mail, rule and action.

    What was done meanwhile is not done again, and asking twice does nothing twice. What follows in the rule goes on
    after it, unless it went on already (`on_error: continue`). A reply that may have been sent is left out unless you
    say --force-unknown. Exit codes: 0 ok, 1 some cannot be retried, 2 bad input, 3 the broker is down.

    Example: maildesk retry --type crm_lead --code odoo-access --since 1d
    """
    with exit_codes():
        after = parse_since(since) if since else None
        topics = topics_of(None, type, every=OF_COMMANDS)
        sought = Sought(topics, frozenset(commands or ()), type, rule, mailbox, code, after, commands_only=True)
        asked = Asked("retried", default_author(), dry_run, force_unknown)
        work(sought, asked, Manner(limit, yes, as_json))
