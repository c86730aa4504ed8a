"""Live statistics on real brokers: what a restart finds again, and where there is nothing to find."""

import asyncio
import itertools
import json
from pathlib import Path

from runtime.kafka import Producer
from tests.integration.audit.conftest import Workers
from tests.integration.audit.expectations import until
from tests.integration.audit.process import AuditProcess
from tests.integration.audit.samples import outgoing, result

LIVE = "maildesk_audit_live_results"


def counted(worker: AuditProcess, mailbox: str = "sales") -> float:
    """Results of a mailbox that it shows."""
    try:
        lines = worker.get("/metrics").splitlines()
    except OSError:
        return 0.0
    return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith(LIVE) and f'"{mailbox}"' in line)


async def until_counting(worker: AuditProcess, producer: Producer) -> None:
    """Until it counts in every partition: what came before its first start is left out."""
    numbers = itertools.count()

    async def counting() -> bool:
        await producer.send_all([outgoing(result(next(numbers), mailbox=f"probe-{key}")) for key in range(60)])
        await asyncio.sleep(0.5)
        return all([await asyncio.to_thread(counted, worker, f"probe-{key}") for key in range(60)])

    await until(counting)


async def until_shown(worker: AuditProcess, count: float) -> None:
    """Until the last minutes show so many results."""

    async def shown() -> bool:
        return await asyncio.to_thread(counted, worker) == count

    await until(shown)


async def test_counts_move_with_their_partitions_and_outlive_a_kill(workers: Workers, producer: Producer) -> None:
    first, second = workers(), workers()
    first.start()
    await until_counting(first, producer)
    await producer.send_all([outgoing(result(n, state="failed" if n % 4 == 0 else "succeeded")) for n in range(80)])
    await until_shown(first, 80)
    lines = [line for line in first.get("/metrics").splitlines() if line.startswith(LIVE) and '"sales"' in line]
    assert sorted(lines) == [
        f'{LIVE}{{mailbox="sales",rule="orders",state="failed",type="tag"}} 20.0',
        f'{LIVE}{{mailbox="sales",rule="orders",state="succeeded",type="tag"}} 60.0',
    ]
    assert 'maildesk_audit_live_p95_seconds{mailbox="sales",rule="orders",type="tag"} 2.5' in first.get("/metrics")
    second.start()

    async def together() -> bool:
        shown = [await asyncio.to_thread(counted, worker) for worker in (first, second)]
        return sum(shown) == 80 and all(shown)

    await until(together)
    first.kill()
    await until_shown(second, 80)
    await producer.send_all([outgoing(result(n)) for n in range(100, 110)])
    await until_shown(second, 90)
    assert await second.stop() == 0


async def test_a_broker_without_tables_has_them_in_memory(
    tmp_path: Path, embedded_broker: str, database_dsn: str
) -> None:
    producer = Producer(embedded_broker, client_id="tests")
    await producer.start()
    worker = AuditProcess(tmp_path / "audit", embedded_broker, database_dsn, MAILDESK_AUDIT_LIVE="memory")
    try:
        await producer.send_all([outgoing(result(1))])  # the topic is there from now on
        worker.start()
        await until_counting(worker, producer)
        assert json.loads(worker.get("/status"))["facts"]["live"]["kept_in"] == "memory"
        # A batch that is in hand when it is asked to stop does not hold it up.
        await producer.send_all([outgoing(result(n)) for n in range(100, 300)])
        assert await worker.stop() == 0
    finally:
        await producer.stop()
        if worker.running.poll() is None:
            worker.kill()


async def test_statistics_that_stop_slowly_are_waited_for(workers: Workers, producer: Producer) -> None:
    """Cut short, they leave a thread of Faust's behind, for which Python would wait without end."""
    worker = workers()
    worker.module = "tests.integration.audit.slow_live"
    worker.start()
    await until_counting(worker, producer)
    assert await worker.stop() == 0
    assert "left what does not end" not in [line["message"] for line in worker.log()]
