"""A company mailbox: where its mail is, which addresses are its own, and its three switches."""

from typing import Annotated, Literal

from pydantic import Field

from schemas.base import Authored, Slug
from schemas.comparable import folded_address
from schemas.odoo_source import OdooSource
from schemas.outgoing import Outgoing
from schemas.secret_name import SecretName


class ImapSource(Authored):
    """An IMAP account (RFC 3501). `inbox` feeds mail-arrived, `sent` feeds mail-sent; a missing `sent` is not read."""

    kind: Literal["imap"]
    host: str
    port: int = Field(default=993, ge=1, le=65535)
    security: Literal["tls", "starttls", "none"] = "tls"
    username: str
    password: SecretName
    inbox: str = "INBOX"
    sent: str | None = "Sent"


class MaildirSource(Authored):
    """A Maildir++ directory on this machine; folders are `.Name` directories, keywords live in `dovecot-keywords`."""

    kind: Literal["maildir"]
    path: str
    sent: str | None = "Sent"


class MboxSource(Authored):
    """An mbox file (RFC 4155). It is read, never changed: tag, star and move are skipped."""

    kind: Literal["mbox"]
    path: str


class EmlSource(Authored):
    """One .eml file, or a directory whose *.eml files are read recursively. Never changed."""

    kind: Literal["eml"]
    path: str


Source = Annotated[ImapSource | MaildirSource | MboxSource | EmlSource | OdooSource, Field(discriminator="kind")]


class Mailbox(Authored):
    """One company mailbox. Rules belong to exactly one."""

    id: Slug
    name: str = Field(default="", max_length=200)
    addresses: tuple[str, ...] = Field(default=(), max_length=200, description="own addresses and aliases")
    automation: bool = Field(default=True, description="off: nothing is evaluated")
    incoming: bool = Field(default=True, description="off: incoming rules do not act")
    after_send: bool = Field(default=True, description="off: after-send rules do not act")
    source: Source
    outgoing: Outgoing | None = Field(default=None, description="how it sends; left out: it answers nobody")

    @property
    def own_addresses(self) -> frozenset[str]:
        """Its addresses and aliases and the one that it sends from, as they are compared."""
        sent_from = (self.outgoing.address,) if self.outgoing else ()
        return frozenset(folded_address(address) for address in (*self.addresses, *sent_from))
