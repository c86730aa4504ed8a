"""Reading mail over IMAP, how soon, publishing what it gave, and what many accounts in one process take of memory."""

from bench.harness import Result, percentile
from bench.ingest_accounts import ACCOUNTS, AIM_MB, memory_of_accounts
from bench.ingest_idle import LIMIT_SECONDS, delivery_to_event, quiet_looks
from bench.ingest_imap import AT_ONCE, reading
from bench.ingest_publish import publishing


def run() -> list[Result]:
    """Raises RuntimeError where Dovecot is not installed."""
    read, sent, memory = reading(), publishing(), memory_of_accounts()
    waits, looks = delivery_to_event(), quiet_looks()
    return [
        Result("ingest.imap", "mails/s", read["ours"], f"imapclient alone, {AT_ONCE} a FETCH", read["alone"]),
        Result("ingest.publish", "events/s", sent["ours"], "bare aiokafka", sent["bare"]),
        Result("ingest.relay", "events/s", sent["relay"], "bare aiokafka", sent["bare"]),
        Result("ingest.idle_p95", "s", percentile(waits, 0.95), "aim", LIMIT_SECONDS),
        Result("ingest.quiet_look", "ms", looks["large"], "an empty folder", looks["empty"]),
        Result("ingest.accounts_memory", "MB", memory, f"aim for {ACCOUNTS} accounts", AIM_MB),
    ]
