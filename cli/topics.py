"""`maildesk topics`: make the topics on your Kafka, list what is declared."""

import asyncio
from typing import Annotated

import typer
from rich.table import Table

from cli.connection import bootstrap_servers
from cli.reporting import exit_codes, out
from runtime.errors import InvalidInputError
from sandbox.topics import create_topics
from schemas.topics import TOPICS

app = typer.Typer(no_args_is_help=True, help="Topics: make them on your Kafka, list what is declared.")


@app.command()
def create(
    kafka: Annotated[
        str | None, typer.Option(help="Brokers; default: MAILDESK_KAFKA_BOOTSTRAP.", metavar="HOST:PORT")
    ] = None,
    replication: Annotated[int, typer.Option(min=1, max=10, help="Copies of each partition.")] = 1,
) -> None:
    """Create the topics that are missing, with their partitions and retention. Existing ones are left as they are.

    Exit codes: 0 all there, 2 no broker given, 3 the broker does not answer.

    Example: maildesk topics create --kafka kafka-1:9092 --replication 3
    """
    with exit_codes():
        bootstrap = kafka or bootstrap_servers()
        if bootstrap is None:
            raise InvalidInputError("no broker is known: give --kafka HOST:PORT or set MAILDESK_KAFKA_BOOTSTRAP")
        created = asyncio.run(create_topics(bootstrap, replication))
    for name in created:
        out.print(f"created {name}", markup=False)
    out.print(f"{len(created)} created, {len(TOPICS) - len(created)} were there.", markup=False)


@app.command("list")
def list_all() -> None:
    """List every topic with its key, partitions and retention."""
    table = Table("Topic", "Key", "Partitions", "Kept", "Records")
    for topic in TOPICS:
        kept = "compacted" if topic.cleanup == "compact" else f"{topic.retention_ms // 86_400_000} days"
        records = ", ".join(record.__name__ for record in topic.records)
        table.add_row(topic.name, topic.key, str(topic.partitions), kept, records)
    out.print(table)
