"""The records of `automation-rules`, all in one partition, since their order is what closes a version."""

from runtime.kafka import Outgoing
from schemas.envelope import encode
from schemas.mail import Published
from schemas.needs import needs_of
from schemas.rule import Rule, RuleChanged
from schemas.topics import AUTOMATION_RULES

SOURCE = "/maildesk/console"
PARTITION = 0


def change(record: Published) -> Outgoing:
    """A rule, a mailbox, or the record that closes a version."""
    key, value, headers = encode(record, SOURCE)
    return Outgoing(AUTOMATION_RULES.name, key, value, headers, partition=PARTITION)


def rule_changed(version: int, revision: int, rule: Rule, activated: int) -> Outgoing:
    """A rule, with what ingest has to read of Odoo for it. `activated`: the revision that last switched it on."""
    return change(
        RuleChanged(
            version=version,
            revision=revision,
            rule=rule,
            activated=activated if rule.enabled else 0,
            needs=needs_of(rule.when),
        )
    )


def rule_deleted(rule_id: str, version: int) -> Outgoing:
    """A tombstone: compaction forgets the rule, readers drop it when the version closes."""
    key = f"rule/{rule_id}"
    headers = [
        ("ce_specversion", b"1.0"),
        ("ce_id", f"{key}@{version}".encode()),
        ("ce_source", SOURCE.encode()),
        ("ce_type", b"maildesk.rule-deleted.v1"),
    ]
    return Outgoing(AUTOMATION_RULES.name, key.encode(), None, headers, partition=PARTITION)
