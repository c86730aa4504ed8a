"""The mailboxes in force and what their rules ask for, as the last closed version says."""

from collections.abc import Iterable

from schemas.mailbox import Mailbox
from schemas.registry import Direction, MailboxRegistry, NeedsRegistry
from schemas.versions import Keyed
from services.ingest.asked import Asked, asked_of
from services.ingest.backlog.rules import BacklogRules, Wanted


class Rules:
    """Follows `automation-rules`."""

    def __init__(self) -> None:
        self._mailboxes = MailboxRegistry()
        self._needs = NeedsRegistry()
        self._backlogs = BacklogRules()
        self._asked: dict[tuple[str, Direction], Asked] = {}

    @property
    def version(self) -> int:
        """The version in force."""
        return self._mailboxes.version

    @property
    def mailboxes(self) -> dict[str, Mailbox]:
        """The mailboxes in force, by id."""
        return self._mailboxes.mailboxes

    def take(self, records: Iterable[Keyed]) -> bool:
        """Records of the topic, in order; True when another version is in force now."""
        read = list(records)
        self._needs.take(read)
        self._backlogs.take(read)
        changed = self._mailboxes.take(read)
        if changed:
            self._asked.clear()
        return changed

    @property
    def backlogs(self) -> tuple[Wanted, ...]:
        """What rules ask for that are on, of all mailboxes."""
        return self._backlogs.wanted

    def reaches(self, mailbox: str, direction: Direction) -> bool:
        """Whether such a mail is decided at all: the mailbox's switches."""
        return _is_on(self.mailboxes.get(mailbox), direction)

    def asked(self, mailbox: str, direction: Direction) -> Asked:
        """What the active rules ask of such a mail; nothing where the mailbox is switched off."""
        key = (mailbox, direction)
        if key not in self._asked:
            on = self.reaches(mailbox, direction)
            hosted = on and self.mailboxes[mailbox].source.kind == "odoo"
            self._asked[key] = asked_of(self._needs.of(mailbox, direction) if on else (), hosted=hosted)
        return self._asked[key]


def _is_on(mailbox: Mailbox | None, direction: Direction) -> bool:
    if mailbox is None or not mailbox.automation:
        return False
    return mailbox.incoming if direction == "incoming" else mailbox.after_send
