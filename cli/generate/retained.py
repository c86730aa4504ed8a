"""What each table keeps of people, and for how long; a test on real Postgres finds the table that is missing here."""

from dataclasses import dataclass

from services.actions.upkeep import OUTBOX_KEPT, REPLIES_KEPT

FOR_EVER = "for ever"
LOG = "`MAILDESK_AUDIT_RETENTION_MONTHS` whole months"
MONTHLY = "as its row of the log"


@dataclass(frozen=True, slots=True)
class Table:
    """`personal`: the columns that may hold something about a person who writes or is written to. `kept`: how long a
    row stays."""

    name: str
    holds: str
    personal: tuple[str, ...]
    kept: str = FOR_EVER


def _days(days: int) -> str:
    return f"{days} days"


TABLES: tuple[Table, ...] = (
    Table(
        "ingest.event",
        "every mail that was read, as it was published: addresses, subject, headers, an excerpt of the text; never the "
        "whole mail, never attachments",
        ("message_id", "value", "headers", "content_uri"),
    ),
    Table("ingest.deferred", "requests to decide later, with the event inside", ("value", "headers")),
    Table("ingest.item", "every place where a mail was seen; files have their names here", ("folder", "uid")),
    Table("ingest.reference", "Message-IDs and their conversations", ("message_id",)),
    Table(
        "ingest.subject_stem",
        "digests of a subject and a person, by which answers that name no mail are joined",
        (),
        _days(60),
    ),
    Table("ingest.contact", "whom a mailbox heard from or wrote to", ("address",)),
    Table("ingest.answered", "conversations in which a mailbox wrote", ()),
    Table(
        "ingest.dead_letter",
        "messages that gave no event: where they lie and why",
        ("dead_letter_id", "value", "headers", "content_uri"),
    ),
    Table("ingest.cursor", "up to where each folder was read", ("folder", "cursor")),
    Table("ingest.backlog", "rules that were applied to recorded mail, and how far", ()),
    Table("ingest.worker", "processes that read mailboxes", (), "until the process is gone"),
    Table("ingest.lease", "which process reads which mailbox", (), "until the process is gone"),
    Table(
        "actions.command",
        "every command, with the event inside, and what became of it",
        ("subject", "lane", "payload", "headers", "result"),
    ),
    Table(
        "actions.claim",
        "what was done under which key, so that it is never done twice; a key per sender holds a hash of the address",
        ("subject", "produced"),
    ),
    Table("actions.placement", "where an action put a mail", ("uri",)),
    Table(
        "actions.outbox",
        "records on their way to Kafka",
        ("key", "value", "headers"),
        f"{_days(OUTBOX_KEPT.days)} after they were published",
    ),
    Table("actions.reply", "automatic replies that were counted", (), f"{_days(REPLIES_KEPT.days)}, once it has ended"),
    Table(
        "actions.reply_count",
        "how many automatic replies a sender got",
        ("subject",),
        "a day after the span of time that it counts, which is a day at most",
    ),
    Table(
        "audit.decision",
        "every decision: why rules matched or not, with the values of the mail that they saw",
        ("message_id", "content_uri", "verdicts"),
        LOG,
    ),
    Table(
        "audit.execution",
        "every result: what was done, and the reason where not",
        ("message_id", "content_uri", "idempotency_key", "reason", "text", "produced"),
        LOG,
    ),
    Table("ingest.erasure", "addresses that were erased, as keyed hashes, and how far", ("digest",)),
    Table("ingest.erased", "events without content, and by which keyed hash", ("digest",)),
    Table("ingest.erased_page", "which of them the other services were told of", ("digest",)),
    Table("actions.erasure", "which of them were emptied here", ("digest",)),
    Table("actions.erased", "events without content", ("digest",)),
    Table("audit.erasure", "which of them were emptied here", ("digest",)),
    Table("audit.erased", "events without content", ("digest",)),
    Table("console.erasure", "who asked for an erasure, and when", ("digest", "requested_by")),
    Table("audit.expected", "commands whose result is awaited", (), MONTHLY),
    Table("audit.link", "how links are made", ()),
    Table("console.version", "the number of the rules in force", ()),
    Table("console.mailbox", "mailboxes as they are", ("document", "author")),
    Table("console.mailbox_revision", "as they were", ("document", "author")),
    Table("console.rule", "rules as they are; a condition may name an address", ("document", "author")),
    Table("console.rule_revision", "as they were", ("document", "author")),
    Table("console.outbox", "rules and mailboxes on their way to Kafka", ("key", "value", "headers")),
    Table("console.replay", "replays: what was asked for, and how far", ("requested_by",)),
)
