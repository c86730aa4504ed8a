"""The page that says what is kept of people, where, and for how long."""

from cli.generate.markdown import code, table
from cli.generate.repository import NOTE, REFERENCE, Files
from cli.generate.retained import TABLES
from cli.generate.topics import retention
from runtime.settings import PREFIX
from schemas.topics import TOPICS, Topic
from services.audit.settings import AuditSettings

SOURCE = "schemas/topics.py and cli/generate/retained.py"

_PAGE = """# What is kept, and for how long

{note}

The mail itself stays where it is: MailDesk keeps what rules and people need of it, never whole mails and never
attachments. What is about people lies in Kafka and in Postgres; logs, metrics and traces are written to hold ids only.

## In Kafka

A record cannot be taken out of a topic before its time. Whoever wants it shorter sets `retention.ms` of the topic,
which `maildesk topics create` then leaves as it is; a replay reaches back no further than that. The same holds for mail
of [an address that was erased](../howto/erase-an-address.md): of its content, only what lies in Kafka stays, so long.

{topics}
## In Postgres

{setting} is {months} unless it is set; the log then goes by whole months, partition by partition. Rows
of the ledger and of claims stay: they are why a mail that is seen again, or a record that comes again, does nothing
twice.

{tables}
*About people*: the columns that may hold an address, a name, or what somebody wrote. All else is ids, times and
digests.
"""

_PEOPLE = {
    "maildesk.mail-arrived.v1": "addresses, subject, headers, excerpt, names of attachments, facts from Odoo",
    "maildesk.mail-sent.v1": "as `mail-arrived`",
    "maildesk.evaluation-requested.v1": "the event inside",
    "maildesk.action-command.v1": "the event inside",
    "maildesk.decision.v1": "values of the mail that conditions saw, each cut to 200 characters; Message-ID",
    "maildesk.execution-result.v1": "Message-ID, the recipient of a reply, names of records",
    "maildesk.dead-letter.v1": "the record that could not be handled, else where it lies",
    "maildesk.rule-changed.v1": "addresses in conditions",
    "maildesk.erasure-requested.v1": "a keyed hash of an address that was erased",
    "maildesk.mailbox-changed.v1": "the mailbox's own addresses and user names",
}


def retention_files() -> Files:
    """`docs/reference/retention.md`."""
    page = _PAGE.format(
        note=NOTE.format(source=SOURCE),
        setting=code(f"{PREFIX}AUDIT_RETENTION_MONTHS"),
        months=_months(),
        topics=table(("topic", "about people", "kept"), map(_topic, TOPICS)),
        tables=table(
            ("table", "what", "about people", "kept"),
            ((code(t.name), t.holds, ", ".join(map(code, t.personal)), t.kept) for t in TABLES),
        ),
    )
    return {f"{REFERENCE}/retention.md": page}


def _months() -> str:
    months = AuditSettings.model_fields["audit_retention_months"].default
    return f"`{months}`, for ever," if not months else f"`{months}`"


def _topic(topic: Topic) -> tuple[str, ...]:
    people = [_PEOPLE[record.ce_type] for record in topic.records if record.ce_type in _PEOPLE]
    return code(topic.name), "; ".join(people), retention(topic)
