"""Records as a consumer would give them."""

from runtime.kafka import Received
from schemas.envelope import encode
from schemas.mail import Published


def received(record: Published, topic: str = "t", offset: int = 0) -> Received:
    """A record as it was read."""
    key, value, headers = encode(record, "/tests")
    return Received(topic, 0, offset, key, value, tuple(headers), 0)


def raw(topic: str, value: bytes | None, *headers: tuple[str, bytes], offset: int = 0) -> Received:
    """Anything at all."""
    return Received(topic, 0, offset, b"support/1", value, headers, 1_700_000_000_000)
