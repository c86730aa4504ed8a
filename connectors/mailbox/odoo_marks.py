"""Star and read mark of a message in Odoo, which there each user has alone. A repeat ends in the same state."""

from collections.abc import Sequence

from connectors.mailbox.odoo_listing import MESSAGE
from connectors.mailbox.odoo_uri import OdooUri
from connectors.mailbox.port import MessageGoneError, ReadOnlyError
from connectors.odoo.port import Odoo

STARS = "starred_partner_ids"
LINK, UNLINK = 4, 3
"""Odoo's commands for x2many fields (`odoo.fields.Command`)."""


async def set_starred(odoo: Odoo, place: OdooUri, contacts: Sequence[int], *, starred: bool) -> bool:
    """Star it for these contacts, or not; whether it was so for all of them before. Raises MessageGoneError.

    Not by `toggle_message_starred`: a toggle that is repeated takes back what it did.
    """
    rows = await odoo.search_read(MESSAGE, [["id", "=", place.message]], [STARS], limit=1)
    if not rows:
        raise gone(place)
    have = set(rows[0][STARS])
    to_change = [each for each in contacts if (each in have) is not starred]
    if to_change:
        commands = [[LINK if starred else UNLINK, each, 0] for each in to_change]
        await odoo.call(MESSAGE, "write", [[place.message], {STARS: commands}])
    return have.issuperset(contacts)


async def set_seen(odoo: Odoo, place: OdooUri, contact: int, *, seen: bool) -> bool:
    """Mark the API user's notification of it; whether it was read before. Raises MessageGoneError.

    Raises ReadOnlyError (`not-notified`) where that user has none: Odoo keeps no read mark then.
    """
    if not await odoo.search_read(MESSAGE, [["id", "=", place.message]], ["id"], limit=1):
        raise gone(place)
    domain = [["mail_message_id", "=", place.message], ["res_partner_id", "=", contact]]
    rows = await odoo.search_read("mail.notification", domain, ["is_read"], limit=1)
    if not rows:
        raise ReadOnlyError(
            "Odoo marks messages as read for each user that it notified of them, and MailDesk's user is none of these",
            code="not-notified",
        )
    was = bool(rows[0]["is_read"])
    if was is not seen and seen:
        await odoo.call(MESSAGE, "set_message_done", [[place.message]])
    elif was is not seen:
        await odoo.call("mail.notification", "write", [[int(rows[0]["id"])], {"is_read": False}])
    return was


def gone(place: OdooUri) -> MessageGoneError:
    """What to say of a message that is not there, or that the account may not see any more."""
    return MessageGoneError(f"there is no message {place.message} in Odoo that MailDesk's user may read")
