"""`maildesk templates show`: a template's parameters, the rules it makes as a file, and what they do in sentences."""

from collections.abc import Iterator, Sequence
from typing import Any

from cli.reporting import exit_codes
from cli.templates.file_text import file_text
from cli.templates.given import Given, given
from cli.templates.library import template_named
from cli.templates.making import make
from cli.templates.options import Lang, Name, Sets, Values, language
from cli.templates.parameter_lines import parameter_lines, worded
from cli.templates.template import Template
from cli.templates.values import checked
from cli.templates.wording import Say, say_in
from services.evaluator.sentences import preview
from services.evaluator.wording.languages import Language
from services.evaluator.wording.messages import gettext_noop
from services.evaluator.wording.words import words_in

_PARAMETERS = gettext_noop("Parameters:")
_FILE = gettext_noop("The file that it makes, with defaults and examples:")
_SENTENCES = gettext_noop("What its rules do, in sentences:")
_CREATE = gettext_noop("Make your own: {command}")
EXAMPLE_MAILBOX = "support"


def show(name: Name, lang: Lang = None, sets: Sets = None, values: Values = None) -> None:
    """Show a template: its parameters, the file that it makes, and what its rules do in sentences.

    Where a parameter is not set, its default is shown, or else its example. Exit codes: 0 shown, 2 there is no such
    template or language, or a value is wrong.

    Example: maildesk templates show vacation --lang fr
    """
    with exit_codes():
        template, spoken = template_named(name), language(lang)
        lines = list(shown(template, given(template, sets or (), values), spoken))
    print("\n".join(lines))


def shown(template: Template, said: Given, spoken: Language) -> Iterator[str]:
    """All lines. Raises InvalidInputError when a value is wrong."""
    say = say_in(spoken)
    said.values = {**examples(template, say), **said.values}
    made = make(template, checked(template, said, say), EXAMPLE_MAILBOX, template.name, say(template.title))
    yield from (f"{template.name}: {say(template.title)}", say(template.description), "", say(_PARAMETERS))
    yield from parameter_lines(template, say)
    yield from ("", say(_FILE), *_indented(file_text(made, say).splitlines()), "", say(_SENTENCES))
    for rule in made.rules:
        yield from _indented(preview(rule, words_in(spoken)))
    yield from ("", say(_CREATE).format(command=_command(template)))


def examples(template: Template, say: Say) -> dict[str, Any]:
    """The examples of parameters without a default."""
    return {
        each.name: worded(each, each.example, say)
        for each in template.parameters
        if each.default is None and each.example is not None
    }


def _indented(lines: Sequence[str]) -> Iterator[str]:
    return (f"  {line}".rstrip() for line in lines)


def _command(template: Template) -> str:
    needed = [each.name for each in template.parameters if each.presence == "required"]
    needed += [group[0] for group in template.at_least_one_of]
    sets = "".join(f" --set {name}=…" for name in needed)
    return f"maildesk templates create {template.name} --mailbox MAILBOX --id ID{sets}"
