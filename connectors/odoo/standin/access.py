"""What a user may do, asked without doing it (Odoo: `models.check_access_rights`, from 18 on `has_access`)."""

from collections.abc import Sequence

from connectors.odoo.standin.faults import AccessFault
from connectors.odoo.standin.orm import Orm


def check_access_rights(orm: Orm, model: str, operation: str, raise_exception: bool = True) -> bool:
    """Raises AccessFault, unless that is not wanted."""
    try:
        orm.check_access(model, operation)
    except AccessFault:
        if raise_exception:
            raise
        return False
    return True


def has_access(orm: Orm, model: str, ids: Sequence[int], operation: str) -> bool:  # noqa: ARG001 - of a model, not of records
    """The same, as a yes or no."""
    return check_access_rights(orm, model, operation, raise_exception=False)
