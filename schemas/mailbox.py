"""A company mailbox: where its mail is, which addresses are its own, and its three switches."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from schemas.account import is_this_machine, require_login
from schemas.base import Authored, Slug, empty, not_told
from schemas.comparable import folded_address
from schemas.cutoff import ActionsSince
from schemas.folders import FURTHER, Folders, require_apart
from schemas.oauth import OAuth
from schemas.odoo_source import OdooSource
from schemas.outgoing import Outgoing
from schemas.pop3_source import Pop3Source
from schemas.presets import IMAP, PresetName, filled
from schemas.secret_name import SecretName


class ImapSource(Authored):
    """An IMAP account (RFC 3501). `inbox` and `folders` feed mail-arrived, `sent` feeds mail-sent; of `folders` and
    `sent`, what there is not is not read.

    It logs in with a password or with tokens.
    """

    kind: Literal["imap"]
    host: str = ""
    port: int = Field(default=993, ge=1, le=65535)
    security: Literal["tls", "starttls", "none"] = "tls"
    username: str
    password: SecretName | None = Field(
        default=None, exclude_if=empty, description="the name of a secret, never the secret itself"
    )
    oauth: OAuth | None = Field(default=None, exclude_if=empty, description="instead of a password")
    preset: PresetName | None = Field(
        default=None, exclude_if=empty, description="fills in what is left out of host, port, security, sent"
    )
    inbox: str = "INBOX"
    folders: Folders = FURTHER
    sent: str | None = "Sent"

    @model_validator(mode="before")
    @classmethod
    def _preset_fills(cls, given: Any) -> Any:
        return filled(given, IMAP)

    @model_validator(mode="after")
    def _login_is_whole(self) -> Self:
        require_login(self.host, self.password, self.oauth)
        if self.oauth is not None and self.security == "none" and not is_this_machine(self.host):
            raise ValueError("security: none would send tokens in the clear; use tls or starttls")
        return self

    @model_validator(mode="after")
    def _folders_differ(self) -> Self:
        require_apart(self.inbox, self.folders, self.sent)
        return self


class MaildirSource(Authored):
    """A Maildir++ directory on this machine; folders are `.Name` directories, keywords live in `dovecot-keywords`."""

    kind: Literal["maildir"]
    path: str
    folders: Folders = FURTHER
    sent: str | None = "Sent"

    @model_validator(mode="after")
    def _folders_differ(self) -> Self:
        require_apart("INBOX", self.folders, self.sent)
        return self


class MboxSource(Authored):
    """An mbox file (RFC 4155). It is read, never changed: tag, star and move are skipped."""

    kind: Literal["mbox"]
    path: str


class EmlSource(Authored):
    """One .eml file, or a directory whose *.eml files are read recursively. Never changed."""

    kind: Literal["eml"]
    path: str


Source = Annotated[
    ImapSource | MaildirSource | MboxSource | EmlSource | OdooSource | Pop3Source, Field(discriminator="kind")
]


class Mailbox(Authored):
    """One company mailbox. Rules belong to exactly one."""

    id: Slug
    name: str = Field(default="", max_length=200)
    addresses: tuple[str, ...] = Field(default=(), max_length=200, description="own addresses and aliases")
    automation: bool = Field(default=True, description="off: nothing is evaluated")
    incoming: bool = Field(default=True, description="off: incoming rules do not act")
    after_send: bool = Field(default=True, description="off: after-send rules do not act")
    actions_since: ActionsSince | None = Field(
        default=None,
        exclude_if=not_told,
        description="mail that was received earlier is recorded without actions: a day, a time, `connected` or "
        "`beginning`; left out: as it was, and for a new account `connected`",
    )
    source: Source
    outgoing: Outgoing | None = Field(default=None, description="how it sends; left out: it answers nobody")

    @model_validator(mode="after")
    def _grants_have_names_of_their_own(self) -> Self:
        grants = {oauth for _, oauth in self.logins if oauth is not None}
        if len({grant.refresh_token for grant in grants}) < len(grants):
            raise ValueError(
                "source and outgoing have different grants under one name: give them the same oauth, or another "
                "refresh_token"
            )
        return self

    @property
    def acts_since(self) -> datetime | None:
        """Rules act by themselves on mail that was received then or later; None: on all mail."""
        return self.actions_since if isinstance(self.actions_since, datetime) else None

    @property
    def logins(self) -> tuple[tuple[str, OAuth | None], ...]:
        """User names, of sending first, and the tokens that they log in with."""
        reading = self.source if isinstance(self.source, ImapSource | Pop3Source) else None
        return tuple((side.username or "", side.oauth) for side in (self.outgoing, reading) if side is not None)

    @property
    def own_addresses(self) -> frozenset[str]:
        """Its addresses and aliases and the one that it sends from, as they are compared."""
        sent_from = (self.outgoing.address,) if self.outgoing else ()
        return frozenset(folded_address(address) for address in (*self.addresses, *sent_from))
