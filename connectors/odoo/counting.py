"""What calls of Odoo add to the metrics."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from connectors.metrics import ODOO_CALLS, ODOO_SECONDS
from runtime.errors import MaildeskError

METHODS: Final = frozenset(
    {
        "check_object_reference",
        "create",
        "fields_get",
        "get_external_id",
        "load",
        "message_notify",
        "message_post",
        "message_process",
        "name_search",
        "read",
        "search",
        "search_count",
        "search_read",
        "set_message_done",
        "unlink",
        "version",
        "write",
    }
)
"""Those that have a label of their own; the rest counts as `other`."""


@contextmanager
def counted(method: str) -> Iterator[None]:
    """Around one call. Whatever it raises goes on."""
    name = method if method in METHODS else "other"
    outcome = "cancelled"
    try:
        with ODOO_SECONDS.labels(name).time():
            yield
        outcome = "ok"
    except MaildeskError as error:
        outcome = error.code
        raise
    except Exception:
        outcome = "unexpected"
        raise
    finally:
        ODOO_CALLS.labels(name, outcome).inc()
