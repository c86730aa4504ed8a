"""The mailboxes in force, and what their rules need of Odoo, from the compacted topic `automation-rules`."""

from typing import Literal

from schemas.base import Record
from schemas.mailbox import Mailbox
from schemas.needs import Need
from schemas.rule import MailboxChanged, RuleChanged, Trigger
from schemas.versions import InForce

Direction = Literal["incoming", "outgoing"]
_TRIGGERS: dict[Direction, tuple[Trigger, ...]] = {
    "incoming": ("incoming", "manual"),
    "outgoing": ("after_send", "manual"),
}


class MailboxRegistry(InForce[Mailbox]):
    """Mailboxes by id."""

    prefix = "mailbox/"
    ce_type = MailboxChanged.ce_type

    def read(self, value: bytes) -> Mailbox:
        return MailboxChanged.model_validate_json(value).mailbox

    @property
    def mailboxes(self) -> dict[str, Mailbox]:
        """All of them."""
        return self.current

    def get(self, mailbox: str) -> Mailbox | None:
        """The mailbox of that id, or None when there is none."""
        return self.current.get(mailbox)


class RuleHead(Record):
    """What tells for which mail a rule is: the rest may be newer than this program."""

    mailbox: str
    enabled: bool = True
    mode: str = "live"
    trigger: Trigger = "incoming"


class RuleNeeds(Record):
    """A RuleChanged as ingest reads it."""

    rule: RuleHead
    needs: tuple[Need, ...] = ()


class RuleRegistry(InForce[RuleHead]):
    """What there is of rules, by id."""

    prefix = "rule/"
    ce_type = RuleChanged.ce_type

    def read(self, value: bytes) -> RuleHead:
        return RuleNeeds.model_validate_json(value).rule

    def get(self, rule: str) -> RuleHead | None:
        """The rule of that id, or None when there is none."""
        return self.current.get(rule)


class NeedsRegistry(InForce[RuleNeeds]):
    """What rules need of Odoo, by the rule's id."""

    prefix = "rule/"
    ce_type = RuleChanged.ce_type

    def read(self, value: bytes) -> RuleNeeds:
        return RuleNeeds.model_validate_json(value)

    def of(self, mailbox: str, direction: Direction) -> tuple[Need, ...]:
        """The needs of the mailbox's active rules that this mail can meet; of rules that are run by hand as well."""
        triggers = _TRIGGERS[direction]
        return tuple(
            need
            for _, found in sorted(self.current.items())
            if found.rule.mailbox == mailbox and found.rule.enabled and found.rule.trigger in triggers
            for need in found.needs
        )
