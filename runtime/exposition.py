"""The page /metrics, in the format that the reader asks for: OpenMetrics has exemplars, Prometheus' text has none."""

from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, choose_encoder, generate_latest
from prometheus_client.registry import REGISTRY


def exposed(accept: str) -> tuple[bytes, str]:
    """The page and its type, by an Accept header. One that cannot be read gets Prometheus' text."""
    try:
        encode, content_type = choose_encoder(accept)
        return encode(REGISTRY), content_type
    except (TypeError, ValueError):
        return generate_latest(REGISTRY), CONTENT_TYPE_PLAIN_0_0_4
