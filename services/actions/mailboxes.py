"""The mailboxes as `automation-rules` has them: read to its end at start, then followed."""

import logging

from pydantic import ValidationError

from runtime.kafka import Received
from schemas.envelope import header
from schemas.mailbox import Mailbox
from schemas.rule import MailboxChanged, RulesetPublished

log = logging.getLogger(__name__)


class Mailboxes:
    """The current mailboxes by id. Changes take effect together, when their version is published.

    That holds at start too: half of a version that a publisher left behind is nobody's mailbox yet.
    """

    def __init__(self) -> None:
        self._current: dict[str, Mailbox] = {}
        self._pending: dict[str, Mailbox | None] = {}
        self.version = 0

    def get(self, mailbox: str) -> Mailbox | None:
        """The mailbox, or None when there is none of that id."""
        return self._current.get(mailbox)

    def take(self, records: list[Received]) -> None:
        """Apply records in the topic's order."""
        for record in records:
            key = record.key.decode("utf-8", "replace")
            kind = header(record.headers, "ce_type")
            try:
                if key.startswith("mailbox/"):
                    self._pending[key.removeprefix("mailbox/")] = (
                        MailboxChanged.model_validate_json(record.value).mailbox if record.value is not None else None
                    )
                elif kind == RulesetPublished.ce_type and record.value is not None:
                    self._publish(RulesetPublished.model_validate_json(record.value).version)
            except ValidationError as error:
                problems = error.error_count()
                log.warning("a mailbox record cannot be read", extra={"key": key, "problems": problems})

    def _publish(self, version: int) -> None:
        for key, mailbox in self._pending.items():
            if mailbox is None:
                self._current.pop(key, None)
            else:
                self._current[key] = mailbox
        self._pending.clear()
        self.version = version
