"""The page /metrics, in the format that the reader asks for: OpenMetrics has exemplars, Prometheus' text has none."""

from prometheus_client import disable_created_metrics
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, choose_encoder, generate_latest
from prometheus_client.registry import REGISTRY

disable_created_metrics()  # a second series for each counter and histogram, which nothing here reads


def exposed(accept: str) -> tuple[bytes, str]:
    """The page and its type, by an Accept header. One that cannot be read gets Prometheus' text."""
    try:
        encode, content_type = choose_encoder(accept)
        return encode(REGISTRY), content_type
    except (TypeError, ValueError):
        return generate_latest(REGISTRY), CONTENT_TYPE_PLAIN_0_0_4
