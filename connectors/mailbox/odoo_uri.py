"""The uri of a message in Odoo: `odoo://<database>/mail.message/<id>`, the database percent-encoded (RFC 3986 §2.1)."""

import re
from dataclasses import dataclass
from urllib.parse import quote, unquote

from runtime.errors import InvalidInputError

_FORM = re.compile(r"odoo://([^/]+)/mail\.message/([1-9]\d{0,17})", re.ASCII)


@dataclass(frozen=True, slots=True)
class OdooUri:
    """Several mailboxes may show one message, so its place names the database and no mailbox."""

    database: str
    message: int

    def __str__(self) -> str:
        return f"odoo://{quote(self.database, safe='')}/mail.message/{self.message}"

    @classmethod
    def parse(cls, uri: str, database: str) -> "OdooUri":
        """Raises InvalidInputError when it is another kind's or another database's."""
        found = _FORM.fullmatch(uri)
        if found is None or unquote(found[1]) != database:
            raise InvalidInputError(
                f"{uri[:300]!r} does not name a message of Odoo's database {database!r}; was the mailbox's source or "
                "MAILDESK_ODOO_DB changed since the mail was read?",
                code="foreign-uri",
            )
        return cls(database, int(found[2]))
