"""What MailDesk needs of an Odoo, whatever it speaks. The stand-in and the real one pass one conformance suite."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

Cell = str | int | float | bool | None
Domain = Sequence[Any]
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class OdooAccount:
    """Which Odoo, and as whom. `password` is a password or an API key; it never shows in a repr or an error."""

    url: str
    database: str
    login: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class OdooVersion:
    """`major` 17 for the text "17.0" or "saas~17.2+e" (Odoo: `common.version()["server_version"]`)."""

    major: int
    text: str


@dataclass(frozen=True, slots=True)
class Loaded:
    """The row's record: just created, or already there under this external id (then untouched)."""

    id: int


@dataclass(frozen=True, slots=True)
class Refused:
    """Odoo will not take this row; `text` is Odoo's reason, cut to a bounded length."""

    text: str


@dataclass(frozen=True, slots=True)
class LoadOutcome:
    """One result per row, in the order of the rows, and how many calls of `load` it took."""

    results: tuple[Loaded | Refused, ...]
    calls: int


@dataclass(frozen=True, slots=True)
class Post:
    """A message for a record's chatter.

    `message_id` is deterministic (made from the idempotency key), with its angle brackets. `subtype` is an external
    id: "mail.mt_note" stays inside, "mail.mt_comment" goes to the followers. `author_id` is a res.partner; without
    it and `email_from` Odoo takes the API user.
    """

    message_id: str
    body_html: str
    subtype: str = "mail.mt_note"
    message_type: str = "comment"
    author_id: int | None = None
    email_from: str | None = None
    subject: str | None = None


class Odoo(Protocol):
    """An Odoo database, spoken to as one user. Every call ends within the client's time-outs.

    Raises TargetDownError (not reached, or the login is refused: nothing happened), OutcomeUnknownError (the
    connection broke after the request was sent), TransientError (a lost race) and PermanentError with the codes of
    connectors/odoo/errors.py.
    """

    async def version(self) -> OdooVersion:
        """The server's version; needs no login (Odoo: service `common`, `version`)."""

    async def fields_get(self, model: str) -> dict[str, Json]:
        """Field name → its `type`, `string`, `required`, `readonly`, `relation`, `relation_field`, `selection`.

        It is kept for some minutes.

        Raises ModelMissingError when the model's module is not installed.
        """

    async def search_read(
        self, model: str, domain: Domain, fields: Sequence[str], *, limit: int, order: str | None = None
    ) -> list[Json]:
        """At most `limit` records as dicts, `id` always among the keys (Odoo: `search_read`).

        A many2one reads as [id, name] or False, an x2many as a list of ids, an empty value as False.
        """

    async def load(
        self,
        model: str,
        fields: Sequence[str],
        rows: Sequence[Sequence[Cell]],
        *,
        context: Mapping[str, Any] | None = None,
    ) -> LoadOutcome:
        """Create records under external ids, never touching one that is already there (Odoo: `BaseModel.load`).

        `fields` holds "id", whose cells are whole external ids ("module.name"); "user_id/.id" takes a database id,
        "tag_ids/.id" several joined by commas. Datetimes are UTC, "2024-05-01 12:00:00". A row that Odoo refuses
        fails alone. A record that was deleted is created again: the caller's claim must stop that.
        Raises InvalidInputError when an external id is missing, malformed or given twice.
        """

    async def resolve_external_ids(self, names: Sequence[str]) -> dict[str, tuple[str, int]]:
        """External id → (model, database id), for those that exist and that this user may read."""

    async def message_post(self, model: str, res_id: int, post: Post) -> int:
        """Post once and return the id in mail.message; a post that is already there is returned, not repeated.

        Nothing in Odoo keeps Message-IDs unique: two calls at the same moment both post, so call it under a claim,
        and after OutcomeUnknownError wait until Odoo's own limit (`limit_time_real`) has passed.
        """

    async def find_message(self, message_id: str) -> int | None:
        """The id in mail.message of the message with this Message-ID, or None."""

    async def call(self, model: str, method: str, args: Sequence[Any], kwargs: Mapping[str, Any] | None = None) -> Any:
        """Any public method (Odoo: `execute_kw`), sent once; None where Odoo answers nothing."""

    async def close(self) -> None:
        """Release the sockets. Never raises."""
