"""Star and read mark of messages in Odoo, which there each user has alone. A repeat ends in the same state."""

from collections.abc import Sequence

from connectors.mailbox.odoo_listing import MESSAGE
from connectors.mailbox.odoo_uri import OdooUri
from connectors.mailbox.port import MessageGoneError, ReadOnlyError
from connectors.odoo.port import Odoo

STARS = "starred_partner_ids"
LINK, UNLINK = 4, 3
"""Odoo's commands for x2many fields (`odoo.fields.Command`)."""


async def set_starred(
    odoo: Odoo, messages: Sequence[int], contacts: Sequence[int], *, starred: bool
) -> dict[int, bool]:
    """Star them for these contacts, or not. Of each that is there, whether it was starred for all of them before.

    Not by `toggle_message_starred`: a toggle that is repeated takes back what it did. What Odoo refuses for one of
    them it refuses for all.
    """
    rows = await odoo.search_read(MESSAGE, [["id", "in", list(messages)]], [STARS], limit=len(messages))
    had = {int(row["id"]): set(row[STARS]) for row in rows}
    alike: dict[tuple[int, ...], list[int]] = {}
    for message, stars in had.items():
        alike.setdefault(tuple(each for each in contacts if (each in stars) is not starred), []).append(message)
    for to_change, some in alike.items():
        if to_change:
            commands = [[LINK if starred else UNLINK, each, 0] for each in to_change]
            await odoo.call(MESSAGE, "write", [some, {STARS: commands}])
    return {message: stars.issuperset(contacts) for message, stars in had.items()}


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
