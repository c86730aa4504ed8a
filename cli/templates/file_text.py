"""A rule file as `templates create` writes it."""

from cli.rule_schema import NAME, language_server_line
from cli.rule_text import yaml_text
from cli.templates.making import Made
from cli.templates.next_steps import ON
from cli.templates.wording import Say
from services.evaluator.wording.messages import gettext_noop

_ORIGIN = gettext_noop("Made from the template {name}. Its rules act once they say {switch}.")
_EDITORS = gettext_noop("For editors: {command}")


def file_text(made: Made, say: Say) -> str:
    """The whole file: its schema for editors, where it comes from, mailbox and rules."""
    comments = (
        say(_ORIGIN).format(name=made.template.name, switch=ON),
        say(_EDITORS).format(command=f"maildesk rules schema -o {NAME}.json"),
    )
    head = language_server_line(f"./{NAME}.json") + "".join(f"# {each}\n" for each in comments)
    return head + yaml_text({"mailbox": made.mailbox, "rules": list(made.texts)})
