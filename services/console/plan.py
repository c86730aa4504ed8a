"""What applying a set would change. Pure; every problem is found before anything is written."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from runtime.errors import InvalidInputError
from runtime.postgres import Row
from schemas.mailbox import Mailbox
from schemas.rule import Rule
from services.console.stored import readable

T = TypeVar("T", Rule, Mailbox)


@dataclass(frozen=True, slots=True)
class Changes(Generic[T]):
    """Of the things given: which are new, which differ from what is stored, which do not."""

    created: tuple[T, ...]
    updated: tuple[T, ...]
    unchanged: tuple[T, ...]

    @property
    def saved(self) -> tuple[T, ...]:
        """Those that get a new revision."""
        return self.created + self.updated


@dataclass(frozen=True, slots=True)
class Plan:
    """The whole change."""

    mailboxes: Changes[Mailbox]
    rules: Changes[Rule]
    deleted: tuple[str, ...]

    @property
    def empty(self) -> bool:
        """Nothing differs."""
        return not (self.mailboxes.saved or self.rules.saved or self.deleted)


@dataclass(frozen=True, slots=True)
class Stored:
    """The rows that there are, by id."""

    mailboxes: Mapping[str, Row]
    rules: Mapping[str, Row]


def make_plan(stored: Stored, rules: Sequence[Rule] | None, mailboxes: Sequence[Mailbox], owner: str) -> Plan:
    """`rules` None leaves all rules alone. Raises InvalidInputError that names every problem."""
    given = rules or ()
    problems = _repeated("rule", given) + _repeated("mailbox", mailboxes)
    problems += _foreign(stored, given, owner) + _unknown_mailboxes(stored, given, mailboxes)
    if problems:
        raise InvalidInputError("\n".join(problems), code="rules-refused")
    kept = {rule.id for rule in given}
    gone = (
        () if rules is None else sorted(i for i, row in stored.rules.items() if row["owner"] == owner and i not in kept)
    )
    return Plan(_changes(stored.mailboxes, mailboxes), _changes(stored.rules, given), tuple(gone))


def check_new(stored: Stored, rules: Sequence[Rule], owner: str) -> None:
    """Raises InvalidInputError when one of the rules is there, or when the owner has others, which would be deleted."""
    problems = [
        f"rule {rule.id} is there already, of the owner {stored.rules[rule.id]['owner']}; choose another id"
        for rule in rules
        if rule.id in stored.rules
    ]
    if not problems and (held := sorted(i for i, row in stored.rules.items() if row["owner"] == owner)):
        problems = [f"the owner {owner} has rules already: {', '.join(held)}; choose another id"]
    if problems:
        raise InvalidInputError("\n".join(problems), code="rules-refused")


def plan_rule(stored: Stored, rule: Rule) -> Plan:
    """One rule alone; all others stay as they are. Raises InvalidInputError when its mailbox is not known."""
    if problems := _unknown_mailboxes(stored, [rule], ()):
        raise InvalidInputError("\n".join(problems), code="rules-refused")
    return Plan(_changes(stored.mailboxes, ()), _changes(stored.rules, [rule]), ())


def _changes(stored: Mapping[str, Row], given: Sequence[T]) -> Changes[T]:
    known = [each for each in given if each.id in stored]
    same = [each for each in known if _equal(stored[each.id], each)]
    same_ids = {each.id for each in same}
    return Changes(
        created=tuple(each for each in given if each.id not in stored),
        updated=tuple(each for each in known if each.id not in same_ids),
        unchanged=tuple(same),
    )


def _equal(row: Row, given: Rule | Mailbox) -> bool:
    """A document that this program cannot read any more counts as different."""
    return readable(type(given), row["document"]) == given


def _repeated(kind: str, given: Sequence[Rule] | Sequence[Mailbox]) -> list[str]:
    counts = Counter(each.id for each in given)
    return [f"{kind} {i} is given {n} times; ids must be unique" for i, n in sorted(counts.items()) if n > 1]


def _foreign(stored: Stored, given: Sequence[Rule], owner: str) -> list[str]:
    owners = {rule.id: str(stored.rules[rule.id]["owner"]) for rule in given if rule.id in stored.rules}
    return [
        f"rule {i} belongs to {other}, not to {owner}; choose another id, or apply it as that owner (--owner)"
        for i, other in owners.items()
        if other != owner
    ]


def _unknown_mailboxes(stored: Stored, given: Sequence[Rule], mailboxes: Sequence[Mailbox]) -> list[str]:
    known = set(stored.mailboxes) | {mailbox.id for mailbox in mailboxes}
    listed = ", ".join(sorted(known)) or "none yet; apply one first (`maildesk mailboxes apply FILE`)"
    return [
        f"rule {rule.id} names the mailbox {rule.mailbox}, which is not known; known: {listed}"
        for rule in given
        if rule.mailbox not in known
    ]
