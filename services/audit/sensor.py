"""What we let Faust measure: offsets only. Its other figures cost time for every record and nobody reads them."""

import logging
from typing import Any

import faust


class OffsetsOnly(faust.Monitor):
    """Keeps the committed and the end offsets of each partition."""

    logger = logging.getLogger("faust.monitor")

    def on_message_in(self, *_: Any, **__: Any) -> None:
        """Not measured."""

    def on_stream_event_in(self, *_: Any, **__: Any) -> dict[Any, Any]:
        """Not measured."""
        return {}

    def on_stream_event_out(self, *_: Any, **__: Any) -> None:
        """Not measured."""

    def on_message_out(self, *_: Any, **__: Any) -> None:
        """Not measured."""

    def on_topic_buffer_full(self, *_: Any, **__: Any) -> None:
        """Not measured."""
