"""Reading messages of Odoo whose bodies may be large: what is not answered together is asked for in halves.

Odoo knows no size of a body before it is read. What it cannot send in time, or in bounded bytes, it would not send
the next time either, so the same call is not repeated until one message is left.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from connectors.mailbox.odoo_reading import Letter, read_letters
from connectors.odoo.channel import TOO_LARGE
from connectors.odoo.port import Odoo
from runtime.errors import OutcomeUnknownError

_MENDED_BY_LESS: Final = ("odoo-outcome-unknown", TOO_LARGE)


async def letters_of(odoo: Odoo, ids: Sequence[int], *, sent: bool) -> list[Letter]:
    """As read_letters. One that Odoo cannot send though it answers otherwise comes without a body and `lost` says why.

    Raises as the port of Odoo says.
    """
    try:
        return await read_letters(odoo, ids, sent=sent)
    except OutcomeUnknownError as error:
        if error.code not in _MENDED_BY_LESS:
            raise
    if len(ids) == 1:
        return await _alone(odoo, ids, sent=sent)
    half = len(ids) // 2
    return [*await letters_of(odoo, ids[:half], sent=sent), *await letters_of(odoo, ids[half:], sent=sent)]


async def _alone(odoo: Odoo, ids: Sequence[int], *, sent: bool) -> list[Letter]:
    """The second and last try. An Odoo that is slow or down as such fails without the body too, and is waited for."""
    without = await read_letters(odoo, ids, sent=sent, bodies=False)
    try:
        return await read_letters(odoo, ids, sent=sent)
    except OutcomeUnknownError as error:
        if error.code not in _MENDED_BY_LESS:
            raise
        text = f"Odoo lists it but cannot send its body, in two tries: {error.text}"
    return [replace(letter, lost=text) for letter in without]
