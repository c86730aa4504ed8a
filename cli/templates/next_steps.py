"""What can be done with rules that a template made, and how they are switched on."""

import shlex
from collections.abc import Iterator, Sequence

from cli.templates.wording import Say
from services.evaluator.wording.messages import gettext_noop

_OFF = gettext_noop("The rules are switched off. Now you can:")
_EXPORT = gettext_noop("Get them as a file: {command}")
_STORE = gettext_noop("Store them: {command}")
_READ = gettext_noop("Read what they do, in sentences: {command}")
_TRY = gettext_noop("Try one on a mail, without any effect: {command}")
_COMPARE = gettext_noop("See what they would change on past mail, once the file says {switch}: {command}")
_WATCH = gettext_noop("Only log what they would do: write {switch} and {mode} into the file, and store it")
_SWITCH_ON = gettext_noop("Switch them on: write {switch} into the file, and store it")
ON = "`enabled: true`"
SHADOW = "`mode: shadow`"


def next_steps(rules: Sequence[str], file: str | None, owner: str | None, say: Say) -> Iterator[str]:
    """One line each. `file`: where the rules are; `owner`: whose they are, where they are stored already."""
    of = f" --owner {shlex.quote(owner)}" if owner else ""
    path = shlex.quote(file) if file and file.isprintable() else "FILE"
    yield say(_OFF)
    store = say(_STORE).format(command=f"maildesk rules apply {path}{of}")
    first = say(_EXPORT).format(command=f"maildesk rules export{of} -o FILE") if owner else store
    steps = [
        first,
        say(_READ).format(command=_preview(rules[0], path, owner)),
        say(_TRY).format(command=f"maildesk run MESSAGE-ID --rule {rules[0]} --dry-run"),
        say(_COMPARE).format(switch=ON, command=f"maildesk rules diff {path}{of}"),
        say(_WATCH).format(switch=ON, mode=SHADOW),
        say(_SWITCH_ON).format(switch=ON),
        *([store] if owner else []),
    ]
    for step in steps:
        yield f"  - {step}"


def _preview(rule: str, path: str, owner: str | None) -> str:
    return f"maildesk rules preview {rule}" if owner else f"maildesk rules preview --file {path}"
