"""Whether what is asked for can be replayed, and writing it down."""

from datetime import datetime, timedelta
from uuid import UUID

from cli.replay.span import spans_between
from runtime.errors import InvalidInputError
from runtime.kafka_scan import Scan
from runtime.postgres import Database
from schemas.ids import REPLAY
from schemas.rule import Rule
from schemas.topics import MAIL_ARRIVED, MAIL_SENT
from services.console import replays
from services.console.reading import get_rule, list_mailboxes
from services.console.replays import Wanted

TOPICS = {"incoming": (MAIL_ARRIVED.name,), "after_send": (MAIL_SENT.name,)}
BOTH = (MAIL_ARRIVED.name, MAIL_SENT.name)
KEPT = timedelta(milliseconds=min(MAIL_ARRIVED.retention_ms, MAIL_SENT.retention_ms))


async def check(database: Database, wanted: Wanted, now: datetime) -> tuple[Wanted, tuple[str, ...]]:
    """With the mailbox of its rule, and the topics to read. Raises InvalidInputError that says what to do instead."""
    if not wanted.begins_at < min(wanted.ends_at, now):
        raise InvalidInputError("nothing arrived in that span: --from must lie in the past, before --to")
    if wanted.begins_at < now - KEPT:
        raise InvalidInputError(
            f"the mail topics keep {KEPT.days} days; for earlier mail: "
            "maildesk backlog MAILBOX --since DATE --rule RULE"
        )
    known = [each.mailbox.id for each in await list_mailboxes(database)]
    if unknown := [name for name in wanted.mailboxes if name not in known]:
        raise InvalidInputError(f"there is no mailbox {unknown[0]}; known: {', '.join(known) or 'none yet'}")
    if wanted.rule is None:
        return wanted, BOTH
    rule = await _rule(database, wanted.rule)
    if wanted.mailboxes not in ((), (rule.mailbox,)):
        raise InvalidInputError(f"rule {rule.id} belongs to mailbox {rule.mailbox}: leave --mailbox out")
    only = Wanted(wanted.begins_at, wanted.ends_at, (rule.mailbox,), rule.id, wanted.dry_run, wanted.rate)
    return only, TOPICS[rule.trigger]


async def _rule(database: Database, name: str) -> Rule:
    stored = await get_rule(database, name)
    if stored is None:
        raise InvalidInputError(f"there is no rule {name}; see `maildesk rules list`")
    rule = stored.rule
    if not rule.enabled:
        raise InvalidInputError(
            f"rule {name} is off and would do nothing: switch it on, or try it by `maildesk rules diff`"
        )
    if rule.trigger not in TOPICS:
        raise InvalidInputError(f"rule {name} is run by hand only: maildesk run MESSAGE-ID --rule {name}")
    return rule


async def ask(database: Database, scan: Scan, wanted: Wanted, by: str, now: datetime, identity: UUID) -> str:
    """Write it down, for the records that there are now; returns its id. Raises TransientError."""
    spans = await spans_between(scan, wanted.begins_at, wanted.ends_at)
    run = f"{REPLAY}{identity.hex[:12]}"
    await replays.begin(database, run, wanted, spans, requested_by=by, requested_at=now)
    return run
