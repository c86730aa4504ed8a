"""What a plan replaces, beside what it puts there."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from runtime.postgres import Row
from schemas.mailbox import Mailbox
from schemas.rule import Rule
from services.console.plan import Plan, Stored
from services.console.stored import Unreadable, readable

T = TypeVar("T", Rule, Mailbox)


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that changes. `before` is None for a new one, `after` for one that is deleted."""

    key: str
    before: Rule | Mailbox | Unreadable | None
    after: Rule | Mailbox | None


def differences(stored: Stored, plan: Plan) -> tuple[Difference, ...]:
    """Every change of a plan: mailboxes, rules, then what is deleted."""
    return (
        *_saved("mailbox", Mailbox, stored.mailboxes, plan.mailboxes.saved),
        *_saved("rule", Rule, stored.rules, plan.rules.saved),
        *(Difference(f"rule/{each}", readable(Rule, stored.rules[each]["document"]), None) for each in plan.deleted),
    )


def _saved(kind: str, model: type[T], rows: Mapping[str, Row], saved: Sequence[T]) -> Iterator[Difference]:
    for each in saved:
        row = rows.get(each.id)
        yield Difference(f"{kind}/{each.id}", readable(model, row["document"]) if row else None, each)
