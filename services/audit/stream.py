"""The Faust app: two topics, read raw, taken in batches."""

import logging
import tempfile
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any

import faust

from runtime.kafka import Received
from services.audit.eager import EagerTransport
from services.audit.finish import Leave, finish
from services.audit.sensor import OffsetsOnly
from services.audit.settings import AuditSettings

GROUP = "maildesk-audit"
Handle = Callable[[Sequence[Received]], Coroutine[Any, Any, None]]


class StatelessApp(faust.App):
    """An app without tables, which therefore needs no directory of its own either."""

    logger = logging.getLogger("faust.app")

    def _create_directories(self) -> None:
        """Faust would make them wherever the process happens to be started."""

    def _new_transport(self) -> Any:
        return EagerTransport(self.conf.broker_consumer, self)


def build_app(settings: AuditSettings, group: str = GROUP, **more: Any) -> faust.App:
    """An app that creates no topics and keeps no tables, so that it also works on brokers that can do neither."""
    brokers = ";".join(f"kafka://{address.strip()}" for address in settings.kafka_bootstrap.split(","))
    return StatelessApp(
        group,
        broker=brokers,
        store="memory://",
        Monitor=OffsetsOnly,
        datadir=Path(tempfile.gettempdir()),
        web_enabled=False,
        autodiscover=False,
        topic_allow_declare=False,
        topic_disable_leader=True,
        **{"consumer_auto_offset_reset": "earliest", **more},
        broker_session_timeout=settings.audit_session,
        broker_heartbeat_interval=settings.audit_session / 4,
        broker_commit_interval=1.0,
        cython_optimizations=True,
        stream_buffer_maxsize=max(4_096, settings.audit_batch),
    )


def attach(app: faust.App, topic: str, settings: AuditSettings, handle: Handle, leave: Leave) -> None:
    """Take a topic's records in batches. Faust decodes nothing: an undecodable record would stop the stream."""

    async def write(stream: Any) -> None:
        async for events in stream.take_events(settings.audit_batch, within=settings.audit_within):
            await finish(handle([received(event.message) for event in events]), leave)

    app.agent(raw(app, topic), name=f"audit.{topic}")(write)


def raw(app: faust.App, topic: str) -> Any:
    """A topic whose keys and values are left as they are."""
    return app.topic(
        topic, key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw", allow_empty=True
    )


def received(message: Any) -> Received:
    """A Faust message as our services know it."""
    headers = message.headers or ()
    return Received(
        topic=message.topic,
        partition=message.partition,
        offset=message.offset,
        key=message.key or b"",
        value=message.value,
        headers=tuple(headers.items() if isinstance(headers, dict) else headers),
        timestamp_ms=int(message.timestamp * 1000),
    )
