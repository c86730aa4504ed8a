"""A mailbox that Odoo hosts: its mail is records of `mail.message`."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from schemas.base import Authored
from schemas.domain import Domain

Login = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class OdooSource(Authored):
    """Mail that lies in Odoo. Which Odoo, and as whom: the services' settings MAILDESK_ODOO_URL, _DB and _LOGIN.

    Mail that came in by Odoo's gateway feeds mail-arrived, mail that users sent from Odoo feeds mail-sent; see
    docs/reference/odoo-mailbox.md.
    """

    kind: Literal["odoo"]
    domain: Domain = Field(
        default=(),
        description="which messages of Odoo are this mailbox's: an Odoo domain over mail.message; empty: all that the "
        "API user may read",
    )
    sent: bool = Field(default=True, description="whether mail that users send from Odoo is read too")
    star_for: tuple[Login, ...] = Field(
        default=(),
        max_length=50,
        description="logins of the users who get the star, which in Odoo each user has alone; empty: the API user",
    )
    overlap: int = Field(
        default=300,
        ge=30,
        le=86_400,
        description="seconds of mail that are looked through again at each look, since Odoo numbers a message before "
        "others can see it; at least twice Odoo's limit_time_real (120)",
    )
