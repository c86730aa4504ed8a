"""`load` for effects: what fails as a whole is each row's own answer, since other calls may have written already."""

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.odoo.port import Cell, Loaded, Odoo, Refused
from runtime.errors import MaildeskError

QUIET = {"tracking_disable": True, "mail_create_nosubscribe": True, "mail_create_nolog": True}
"""Context in which Odoo makes records without following, tracking or logging them."""

Row = Sequence[Cell]
RowAnswer = Loaded | Refused | MaildeskError


async def load_rows(
    odoo: Odoo, model: str, columns: Sequence[str], rows: Sequence[Row], context: Mapping[str, Any]
) -> Sequence[RowAnswer]:
    """One answer a row, in order; never raises what the port raises."""
    if not rows:
        return []
    try:
        return (await odoo.load(model, columns, rows, context=context)).results
    except MaildeskError as error:
        return [error] * len(rows)
