"""A raw record becomes an entry of the log, or is refused with a code and a text that quotes nothing of it."""

from collections.abc import Callable
from typing import Any

from pydantic import ValidationError

from runtime.kafka import Received
from runtime.outcome import Refused
from schemas.decision import Decision
from schemas.envelope import header
from schemas.mail import Published
from schemas.refusal import describe_faults
from schemas.result import ExecutionResult
from schemas.topics import AUTOMATION_DECISIONS, AUTOMATION_RESULTS
from services.audit.clean import parse
from services.audit.entry import Entry
from services.audit.rows import decision_entry, execution_entry


def decode(record: Received, trace_id: str) -> Entry | Refused:
    """The entry of a record of `automation-decisions` or `automation-results`. No record makes it raise."""
    model: type[Published] = Decision if record.topic == AUTOMATION_DECISIONS.name else ExecutionResult
    if record.value is None:
        return Refused("no-value", "the record has no value")
    named = header(record.headers, "ce_type")
    if named not in ("", model.ce_type):
        return Refused("unexpected-type", f"{record.topic} carries {model.ce_type} only; see ce_type of the record")
    try:
        return _ENTRIES[record.topic](parse(model, record.value), trace_id)
    except ValidationError as error:
        return Refused("invalid-record", f"not a {model.ce_type}: {describe_faults(error)}")
    except OverflowError as error:
        return Refused("out-of-range", f"not a {model.ce_type}: {error}")
    except (ValueError, RecursionError) as error:
        return Refused("invalid-record", f"not a {model.ce_type}: {type(error).__name__}")


_ENTRIES: dict[str, Callable[[Any, str], Entry]] = {
    AUTOMATION_DECISIONS.name: decision_entry,
    AUTOMATION_RESULTS.name: execution_entry,
}
