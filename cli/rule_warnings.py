"""What `rules apply` says of rules that no mail can reach: beside what it does, or (`--strict`) instead of it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from cli.connection import open_database
from cli.reply_warnings import unanswering
from cli.reporting import err
from cli.rule_files import RuleFile
from runtime.errors import InvalidInputError
from runtime.migrations import migrate
from schemas.mailbox import Mailbox
from schemas.rule import Rule
from services.console.reading import known_mailboxes, known_rules, rules_of_others
from services.evaluator.dead_rules.findings import Finding, dead_rules

MAX_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Warned:
    """One finding, with the line of the file that is about to be applied. `strict`: it is surely a mistake."""

    kind: str
    rule: str
    by: str | None
    file: str
    line: int | None
    text: str
    strict: bool

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line is not None else self.file
        return f"{place}: {'warning' if self.strict else 'note'}: rule {self.rule}: {self.text}"


async def find_warnings(found: RuleFile, file: Path, owner: str, today: date) -> tuple[Warned, ...]:
    """What concerns the file's rules, beside those of others that stay. Raises TransientError when Postgres is away."""
    async with open_database() as database:
        await migrate(database, "console")
        others = await rules_of_others(database, owner)
        stored = await known_mailboxes(database)
    given = {rule.id for rule in found.rules}
    together = [*found.rules, *(rule for rule in others if rule.id not in given)]
    concerned = [each for each in dead_rules(together, today) if each.rule in given or each.by in given]
    mailboxes = {mailbox.id: mailbox for mailbox in (*stored, *found.mailboxes)}
    return (*(_warned(each, file, found) for each in concerned), *_silent(found.rules, mailboxes.values(), file, found))


async def find_mailbox_warnings(found: RuleFile, file: Path) -> tuple[Warned, ...]:
    """What the file's mailboxes mean for stored rules. Raises TransientError when Postgres is away."""
    async with open_database() as database:
        await migrate(database, "console")
        rules = await known_rules(database)
    return tuple(_silent(rules, found.mailboxes, file, found))


def _silent(rules: Iterable[Rule], mailboxes: Iterable[Mailbox], file: Path, source: RuleFile) -> Iterator[Warned]:
    for rule, text in unanswering(rules, mailboxes):
        yield Warned("no-outgoing", rule, None, str(file), source.lines.get(rule), text, strict=True)


def _warned(found: Finding, file: Path, source: RuleFile) -> Warned:
    line = source.lines.get(found.rule, source.lines.get(found.by or ""))
    return Warned(found.kind, found.rule, found.by, str(file), line, found.text, strict=found.certain_mistake)


def refuse(warnings: Sequence[Warned]) -> None:
    """Raises InvalidInputError that names every mistake, if there is one."""
    if mistakes := [str(each).replace(": warning: ", ": ", 1) for each in warnings if each.strict]:
        raise InvalidInputError("\n".join([*mistakes[:MAX_SHOWN], *_more(mistakes)]), code="rules-refused")


def print_warnings(warnings: Sequence[Warned]) -> None:
    """To standard error: what is printed there is no result."""
    shown = [str(each) for each in warnings]
    for line in [*shown[:MAX_SHOWN], *_more(shown)]:
        err.print(line, markup=False, style="yellow")


def _more(lines: Sequence[str]) -> list[str]:
    return [f"and {len(lines) - MAX_SHOWN} more"] if len(lines) > MAX_SHOWN else []


def as_members(warnings: Sequence[Warned]) -> list[dict[str, Any]]:
    """For `--json`."""
    return [asdict(each) for each in warnings]
