"""What `templates show` says of a template's parameters."""

from collections.abc import Iterator
from typing import Any

from cli.templates.kinds import KindName
from cli.templates.parameter import Parameter
from cli.templates.template import Template
from cli.templates.wording import Say
from schemas.text_template import VARIABLES
from services.evaluator.wording.messages import gettext_noop

_KINDS: dict[KindName, str] = {
    "line": gettext_noop("one line of text"),
    "text": gettext_noop("text"),
    "lines": gettext_noop("list of texts"),
    "addresses": gettext_noop("list of addresses"),
    "domains": gettext_noop("list of domains"),
    "logins": gettext_noop("list of logins"),
    "channel": gettext_noop("name of a channel"),
    "tag": gettext_noop("tag"),
    "date": gettext_noop("date"),
    "time": gettext_noop("time of day"),
    "time_zone": gettext_noop("time zone"),
    "weekdays": gettext_noop("list of weekdays"),
    "integer": gettext_noop("whole number"),
    "duration": gettext_noop("duration, such as 30m, 12h or 7d"),
    "choice": gettext_noop("one of: {choices}"),
}
_REQUIRED = gettext_noop("required")
_OPTIONAL = gettext_noop("optional")
_RANGE = gettext_noop("from {least} to {most}")
_DEFAULT = gettext_noop("Default: {value}")
_EXAMPLE = gettext_noop("Example: {value}")
_VARIABLES = gettext_noop("May use variables: {names}")
_ONE_OF = gettext_noop("Give at least one of these: {names}")


def parameter_lines(template: Template, say: Say) -> Iterator[str]:
    """A few lines for each, and one for those of which one at least is needed."""
    for each in template.parameters:
        yield from _one(each, say)
    for group in template.at_least_one_of:
        yield f"  {say(_ONE_OF).format(names=', '.join(group))}"


def worded(parameter: Parameter, value: Any, say: Say) -> Any:
    """A default or an example in the language, where it is a sentence."""
    if not parameter.is_wording:
        return value
    return [say(each) for each in value] if isinstance(value, list | tuple) else value and say(value)


def _one(parameter: Parameter, say: Say) -> Iterator[str]:
    yield f"  {parameter.name}: {', '.join(notes(parameter, say))}"
    yield f"      {say(parameter.description)}"
    if parameter.variables:
        yield f"      {say(_VARIABLES).format(names=' '.join(f'{{{name}}}' for name in VARIABLES))}"
    if parameter.default is not None:
        yield from _value(_DEFAULT, parameter, parameter.default, say)
    elif parameter.example is not None:
        yield from _value(_EXAMPLE, parameter, parameter.example, say)


def notes(parameter: Parameter, say: Say) -> Iterator[str]:
    """Its kind, its bounds, and whether it must be given."""
    yield say(_KINDS[parameter.kind]).format(choices=", ".join(parameter.choices))
    if parameter.least is not None and parameter.most is not None:
        yield say(_RANGE).format(least=parameter.least, most=parameter.most)
    if parameter.presence != "default":
        yield say(_REQUIRED if parameter.presence == "required" else _OPTIONAL)


def _value(message: str, parameter: Parameter, value: Any, say: Say) -> Iterator[str]:
    found = worded(parameter, value, say)
    text = ", ".join(found) if isinstance(found, list | tuple) else str(found)
    first, *more = say(message).format(value=text).splitlines()
    yield f"      {first}"
    for line in more:
        yield f"        {line}".rstrip()
