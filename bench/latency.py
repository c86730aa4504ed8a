"""Seconds from a mail's arrival to its action and to its row in the log, at a steady pace on the whole platform.

Mails appear in a Maildir, 50 a second; each is tagged and starred, one in ten becomes a lead in the Odoo stand-in.
Until the mail is in the ledger (`arrival_to_recorded`), until an action on it ended (`arrival_to_done`) and until the
action's row was written (`arrival_to_logged`), each from the moment at which the file appeared; each action is a value.
Their limit is the pause between two looks at a mailbox (`MAILDESK_INGEST_POLL`): a mail waits half of it on average
before anything of ours can act, all of it at worst. `recorded_to_logged` leaves that wait out, `done_to_logged` is the
log's part alone; their limit is the time for which the log gathers a batch (`MAILDESK_AUDIT_WITHIN`), the only wait
that is built in there.
"""

import asyncio
import time

from bench.harness import Result, percentile
from bench.platform import Desk, on_platform
from services.audit.settings import AuditSettings
from services.ingest.settings import IngestSettings

PER_SECOND = 50
SECONDS = 30
LEAD_EVERY = 10
WARM_UP = 50
PATIENCE_SECONDS = 120.0
PERCENTILES = {"p50": 0.5, "p95": 0.95, "p99": 0.99}
POLL: float = IngestSettings.model_fields["ingest_poll"].default
WITHIN: float = AuditSettings.model_fields["audit_within"].default

ROWS = """
SELECT e.message_id, extract(epoch FROM v.recorded_at)::float8 AS recorded,
       extract(epoch FROM e.finished_at)::float8 AS done, extract(epoch FROM e.logged_at)::float8 AS logged
FROM audit.execution_log_v1 AS e JOIN ingest.event_v1 AS v USING (event_id)
WHERE e.state = 'succeeded'
"""


def run() -> list[Result]:
    """Some mails first, that do not count: connections, partitions and caches are there then."""
    waits = on_platform(_measure)
    limits = {
        "arrival_to_recorded": ("poll interval of the source", POLL),
        "arrival_to_done": ("poll interval of the source", POLL),
        "arrival_to_logged": ("poll interval of the source", POLL),
        "recorded_to_logged": ("batch window of the log", WITHIN),
        "done_to_logged": ("batch window of the log", WITHIN),
    }
    return [
        Result(f"latency.{name}.{shown}", "s", percentile(waits[name], share), *limit)
        for name, limit in limits.items()
        for shown, share in PERCENTILES.items()
    ]


async def _measure(desk: Desk) -> dict[str, list[float]]:
    for number in range(WARM_UP):
        desk.maildir.deliver(number, lead=number % LEAD_EVERY == 0)
    await desk.wait_logged(_rows(WARM_UP), PATIENCE_SECONDS)
    desk.maildir.at.clear()
    mails = PER_SECOND * SECONDS
    began = time.monotonic()
    for number in range(WARM_UP, WARM_UP + mails):
        await asyncio.sleep(max(0.0, began + (number - WARM_UP) / PER_SECOND - time.monotonic()))
        desk.maildir.deliver(number, lead=number % LEAD_EVERY == 0)
    await desk.wait_logged(_rows(WARM_UP + mails), PATIENCE_SECONDS)
    return await waits_of(desk)


def _rows(mails: int) -> int:
    return 2 * mails + -(-mails // LEAD_EVERY)


async def waits_of(desk: Desk) -> dict[str, list[float]]:
    """Seconds from one point to the next, of the mails that were delivered."""
    rows = [row for row in await desk.database.fetch(ROWS) if row["message_id"] in desk.maildir.at]
    arrived = desk.maildir.at
    return {
        "arrival_to_recorded": [row["recorded"] - arrived[row["message_id"]] for row in rows],
        "arrival_to_done": [row["done"] - arrived[row["message_id"]] for row in rows],
        "arrival_to_logged": [row["logged"] - arrived[row["message_id"]] for row in rows],
        "recorded_to_logged": [row["logged"] - row["recorded"] for row in rows],
        "done_to_logged": [row["logged"] - row["done"] for row in rows],
    }
