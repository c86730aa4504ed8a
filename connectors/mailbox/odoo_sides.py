"""Which messages of Odoo arrived, and which were sent, as domains over `mail.message` that Odoo itself answers.

Odoo 17 knows a mail that came in by its gateway as `message_type` `email`. One that an employee wrote and that went on
to somebody outside (their answer by mail, which Odoo sends to the customer) was sent; every other arrived. What users
send from Odoo is a `comment` that somebody outside is notified of, always by mail, or an `email_outgoing`.
An employee's contact is one without `partner_share`.
"""

from typing import Any, Final

from schemas.ids import message_id

ARRIVED_FOLDER: Final = "INBOX"
SENT_FOLDER: Final = "Sent"
FOLDERS: Final = (ARRIVED_FOLDER, SENT_FOLDER)

_BY_EMPLOYEE: Final = ("&", ["author_id", "!=", False], ["author_id.partner_share", "=", False])
_TO_OUTSIDE: Final = ["notification_ids.res_partner_id.partner_share", "=", True]
_NOT_OURS: Final = ["message_id", "not like", f"@{message_id('', '').rpartition('@')[2]}"]
"""Notes that MailDesk's own actions wrote about mail are no mail."""

_SIDES: Final[dict[str, tuple[Any, ...]]] = {
    ARRIVED_FOLDER: (["message_type", "=", "email"], "!", "&", *_BY_EMPLOYEE, _TO_OUTSIDE),
    SENT_FOLDER: (
        *_BY_EMPLOYEE,
        "|",
        ["message_type", "=", "email_outgoing"],
        "&",
        ["message_type", "in", ["email", "comment"]],
        _TO_OUTSIDE,
    ),
}


def side_of(folder: str) -> list[Any]:
    """The domain of the messages that a folder shows. Raises KeyError for any folder but those of FOLDERS."""
    return [_NOT_OURS, *_SIDES[folder]]
