"""Whose fault is it when Postgres refuses a statement: the record's, or that of the database it is written to?"""

from runtime.errors import MaildeskError, PermanentError, TransientError

# PostgreSQL, Appendix A: 22 data exception, 23 integrity constraint violation, 54 program limit exceeded (an index
# entry too large), P0 raised by a trigger. Others (a missing right or table, a read-only server) hold for every record.
_RECORD_CLASSES = frozenset({"22", "23", "54", "P0"})


class RecordRefusedError(PermanentError):
    """Postgres will never take these rows, whatever else it takes."""

    default_code = "postgres-refused"


def judged(error: MaildeskError) -> MaildeskError:
    """The error again as RecordRefusedError, when the rows are to blame, else as a TransientError."""
    cause = error.__cause__
    state = str(getattr(cause, "sqlstate", None) or "")
    # The default partition refuses a row whose month got its own partition after the row was routed: nobody's fault,
    # and gone at the next try. A check of ours has a name, that one has none.
    if state == "23514" and not getattr(cause, "constraint_name", None):
        return TransientError("the month's partition was made at the same moment", code="partition-moved")
    # asyncpg finds values that it cannot encode before it sends them, and says so by a ValueError without a state.
    if state[:2] in _RECORD_CLASSES or (not state and isinstance(cause, ValueError)):
        return RecordRefusedError(f"{error.text} ({state or type(cause).__name__})")
    if isinstance(error, TransientError):
        return error
    return TransientError(error.text, code=error.code)
