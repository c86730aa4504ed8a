"""The records of erasure on `automation-rules`, as its readers get them. They wait for no version to be closed."""

import logging
from collections.abc import Iterable
from typing import TypeVar

from pydantic import ValidationError

from schemas.envelope import header
from schemas.erasure import ErasureRequested, EventsErased
from schemas.versions import Keyed

log = logging.getLogger(__name__)
R = TypeVar("R", ErasureRequested, EventsErased)


def pages_of(records: Iterable[Keyed]) -> list[EventsErased]:
    """What actions and audit have to forget, in order."""
    return _of(EventsErased, records)


def requests_of(records: Iterable[Keyed]) -> list[ErasureRequested]:
    """What ingest has to look for, in order."""
    return _of(ErasureRequested, records)


def _of(model: type[R], records: Iterable[Keyed]) -> list[R]:
    found: list[R] = []
    for record in records:
        if record.value is None or header(record.headers, "ce_type") != model.ce_type:
            continue
        try:
            found.append(model.model_validate_json(record.value))
        except ValidationError as error:
            key = record.key.decode("utf-8", "replace")
            extra = {"key": key, "problems": error.error_count()}
            log.error("a record of an erasure cannot be read", extra=extra)  # noqa: TRY400 - an error may quote it
    return found
