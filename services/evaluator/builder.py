"""From the records of `automation-rules` to rulesets: the changes of a version take effect together.

A change waits until the RulesetPublished that closes its version, also at start, so that half of a version that a
publisher left behind never decides. The last record of a key wins, as in any compacted topic.
"""

import logging

from pydantic import ValidationError

from runtime.errors import InvalidInputError
from runtime.kafka import Received
from runtime.outcome import Refused
from schemas.mailbox import Mailbox
from schemas.refusal import describe_faults
from schemas.rule import MailboxChanged, RuleChanged, RulesetPublished
from services.evaluator.ruleset import CompiledRule, Ruleset, build_ruleset, compile_rule
from services.evaluator.text import cut

log = logging.getLogger(__name__)
Change = CompiledRule | Mailbox | None


class RulesetBuilder:
    """Feed it every record in order; `ruleset` is what is in force."""

    def __init__(self) -> None:
        self._rules: dict[str, CompiledRule] = {}
        self._mailboxes: dict[str, Mailbox] = {}
        self._pending: dict[str, Change] = {}
        self._version = 0
        self._built: Ruleset | None = Ruleset()

    @property
    def ruleset(self) -> Ruleset:
        """The version in force; built when it is first asked for after a change."""
        if self._built is None:
            self._built = build_ruleset(self._version, self._mailboxes.values(), self._rules.values())
        return self._built

    @property
    def waiting(self) -> int:
        """Changes whose version is not closed yet."""
        return len(self._pending)

    def feed(self, record: Received) -> Refused | None:
        """Take one record. What cannot be understood is refused, and its rule or mailbox is not active any more."""
        key = record.key.decode("utf-8", "replace")
        kind = key.partition("/")[0]
        try:
            if kind == "ruleset":
                self._close(record)
            elif kind in ("rule", "mailbox"):
                self._pending[key] = _read(kind, key, record.value)
        except (ValidationError, InvalidInputError) as error:
            if kind != "ruleset":
                self._pending[key] = None
            text = error.text if isinstance(error, InvalidInputError) else describe_faults(error)
            return Refused("unreadable-rule", f"{cut(key)}: {text}")
        return None

    def _close(self, record: Received) -> None:
        if record.value is None:
            return
        version = RulesetPublished.model_validate_json(record.value).version
        if version < self._version:
            log.warning("the rules went back to an older version", extra={"from": self._version, "to": version})
        for key, change in self._pending.items():
            self._apply(key, change)
        self._pending.clear()
        self._version = version
        self._built = None

    def _apply(self, key: str, change: Change) -> None:
        identity = key.partition("/")[2]
        if isinstance(change, CompiledRule):
            self._rules[identity] = change
        elif isinstance(change, Mailbox):
            self._mailboxes[identity] = change
        elif key.startswith("rule/"):
            self._rules.pop(identity, None)
        else:
            self._mailboxes.pop(identity, None)


def _read(kind: str, key: str, value: bytes | None) -> Change:
    if value is None:
        return None
    if kind == "mailbox":
        mailbox = MailboxChanged.model_validate_json(value)
        _check_key(key, mailbox.record_key)
        return mailbox.mailbox
    rule = RuleChanged.model_validate_json(value)
    _check_key(key, rule.record_key)
    return compile_rule(rule)


def _check_key(key: str, named: str) -> None:
    """A record under another one's key would outlive its own deletion."""
    if key != named:
        raise InvalidInputError("the record is about something else than its key", code="unreadable-rule")
