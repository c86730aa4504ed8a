"""The mailboxes in force, from the compacted topic `automation-rules`. Pure: records in, mailboxes out."""

import logging
from collections.abc import Iterable
from typing import Protocol

from pydantic import ValidationError

from schemas.envelope import header
from schemas.mailbox import Mailbox
from schemas.rule import MailboxChanged, RulesetPublished

log = logging.getLogger(__name__)
_PREFIX = "mailbox/"


class Keyed(Protocol):
    """A record of the topic as it was read."""

    @property
    def key(self) -> bytes: ...
    @property
    def value(self) -> bytes | None: ...
    @property
    def headers(self) -> tuple[tuple[str, bytes], ...]: ...


class MailboxRegistry:
    """What the last closed version says. Changes after it wait until their own version is closed."""

    def __init__(self) -> None:
        self.version = 0
        self.mailboxes: dict[str, Mailbox] = {}
        self._waiting: dict[str, Mailbox | None] = {}

    def get(self, mailbox: str) -> Mailbox | None:
        """The mailbox of that id, or None when there is none."""
        return self.mailboxes.get(mailbox)

    def take(self, records: Iterable[Keyed]) -> bool:
        """Records of the topic, in order; True when another version is in force now."""
        before = self.version
        for record in records:
            kind = header(record.headers, "ce_type")
            if record.key.startswith(_PREFIX.encode()) and (record.value is None or kind == MailboxChanged.ce_type):
                self._change(record)
            elif kind == RulesetPublished.ce_type and record.value is not None:
                self._close(record.value)
        return self.version != before

    def _change(self, record: Keyed) -> None:
        key = record.key.decode("utf-8", "replace").removeprefix(_PREFIX)
        if record.value is None:
            self._waiting[key] = None
            return
        try:
            mailbox = MailboxChanged.model_validate_json(record.value).mailbox
        except ValidationError as error:
            # The mailbox goes on as it was: a program that is too old for the record must not stop reading mail.
            log.warning(
                "a mailbox record cannot be read; the mailbox stays as it was",
                extra={"key": key, "problems": error.error_count()},
            )
            return
        self._waiting[mailbox.id] = mailbox

    def _close(self, value: bytes) -> None:
        try:
            version = RulesetPublished.model_validate_json(value).version
        except ValidationError:
            log.warning("the record that closes a version cannot be read")
            return
        for key, mailbox in self._waiting.items():
            if mailbox is None:
                self.mailboxes.pop(key, None)
            else:
                self.mailboxes[key] = mailbox
        self._waiting.clear()
        self.version = version
