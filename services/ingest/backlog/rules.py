"""Which rules ask for a backlog, as the last closed version of `automation-rules` says."""

from dataclasses import dataclass
from datetime import UTC, datetime, time

from schemas.base import Record
from schemas.ids import BACKLOG
from schemas.registry import Direction
from schemas.rule import Backlog, RuleChanged, Trigger
from schemas.scope import duration_of
from schemas.versions import InForce

_DIRECTIONS: dict[Trigger, Direction] = {"incoming": "incoming", "after_send": "outgoing"}


class RuleHead(Record):
    """What a backlog needs of a rule: the rest may be newer than this program."""

    id: str
    mailbox: str
    enabled: bool = True
    trigger: Trigger = "incoming"
    backlog: Backlog | None = None


class RuleBacklog(Record):
    """A RuleChanged as it is read here."""

    rule: RuleHead
    activated: int = 0


@dataclass(frozen=True, slots=True)
class Wanted:
    """One activation of a rule that asks for a backlog."""

    run: str
    mailbox: str
    rule: str
    direction: Direction
    backlog: Backlog

    def begins_at(self, now: datetime) -> datetime:
        """When the earliest mail was received that it is about. `now`: when the run begins."""
        if self.backlog.since is not None:
            return datetime.combine(self.backlog.since, time(), UTC)
        return now - duration_of(self.backlog.last or "")


class BacklogRules(InForce[RuleBacklog]):
    """Follows the topic."""

    prefix = "rule/"
    ce_type = RuleChanged.ce_type

    def read(self, value: bytes) -> RuleBacklog:
        return RuleBacklog.model_validate_json(value)

    @property
    def wanted(self) -> tuple[Wanted, ...]:
        """Those of rules that are on, in the order of their ids."""
        return tuple(
            Wanted(f"{BACKLOG}{rule.id}-{found.activated}", rule.mailbox, rule.id, direction, rule.backlog)
            for _, found in sorted(self.current.items())
            if (rule := found.rule).enabled and found.activated and rule.backlog
            if (direction := _DIRECTIONS.get(rule.trigger)) is not None
        )
