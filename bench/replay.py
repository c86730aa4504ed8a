"""Whether live mail waits behind a replay: seconds from a mail's arrival to its last action, with one and without.

Mails lie there already; then a rule is added that stars and tags them. Live mail comes at a steady pace: first alone,
then while a replay hands the earlier mails to that rule at its usual rate. Two p95 of the same run are compared.
"""

import asyncio
import time
from pathlib import Path

from bench.harness import Result, percentile
from bench.latency import ROWS
from bench.platform import MAILBOX, RULES, Desk, on_platform

EARLIER = 600
PER_SECOND = 10
SECONDS = 12
TIMES = 2.0
PATIENCE_SECONDS = 180.0
LATER = "  - {id: later, actions: [{id: replayed, type: tag, add: [replayed]}]}\n"
REPLAYED = "SELECT count(*) FROM audit.execution_log_v1 WHERE run LIKE 'replay-%' AND state = 'succeeded'"


def run() -> list[Result]:
    """The p95 with a replay; its limit is twice the one without."""
    alone, beside, replayed = on_platform(_measure)
    return [
        Result("replay.live_p95", "s", beside, "twice the p95 without a replay", TIMES * alone),
        Result("replay.done", "mails/s", replayed, "rate that a replay may have", 50.0),
    ]


async def _measure(desk: Desk) -> tuple[float, float, float]:
    for number in range(EARLIER):
        desk.maildir.deliver(number, lead=False)
    await desk.wait_logged(2 * EARLIER, PATIENCE_SECONDS)
    until = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 1))
    await _add_rule(desk)
    alone = await _live(desk, EARLIER)
    began = time.monotonic()
    replay = asyncio.create_task(desk.maildesk("replay", "--from", "1h", "--to", until, "--rule", "later"))
    try:
        beside = await _live(desk, EARLIER + PER_SECOND * SECONDS)
        seconds = time.monotonic() - began
        replayed = await desk.database.fetchval(REPLAYED)
    finally:
        replay.cancel()
        await asyncio.gather(replay, return_exceptions=True)
    return percentile(alone, 0.95), percentile(beside, 0.95), replayed / seconds


async def _add_rule(desk: Desk) -> None:
    rules = Path(desk.env["MAILDESK_STATE_DIR"]).parent / "rules.yaml"
    await asyncio.to_thread(rules.write_text, RULES + LATER)
    if code := await desk.maildesk("rules", "apply", str(rules)):
        raise RuntimeError(f"the rule for mailbox {MAILBOX} was refused: exit code {code}")


async def _live(desk: Desk, first: int) -> list[float]:
    """Seconds from arrival to the last action of each mail."""
    desk.maildir.at.clear()
    began = time.monotonic()
    for number in range(first, first + PER_SECOND * SECONDS):
        await asyncio.sleep(max(0.0, began + (number - first) / PER_SECOND - time.monotonic()))
        desk.maildir.deliver(number, lead=False)
    waits: dict[str, float] = {}
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        rows = [row for row in await desk.database.fetch(ROWS) if row["message_id"] in desk.maildir.at]
        if len(rows) >= 3 * PER_SECOND * SECONDS:
            for row in rows:
                wait = row["done"] - desk.maildir.at[row["message_id"]]
                waits[row["message_id"]] = max(wait, waits.get(row["message_id"], 0.0))
            return list(waits.values())
        await asyncio.sleep(0.5)
    raise TimeoutError("the live mail was not done in time")
