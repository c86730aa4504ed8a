"""Messages of Odoo with what belongs to them: who wrote them, to whom, which they answer, and their files.

About six calls for fifty messages; nothing is changed, and nothing is marked as read.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from connectors.mailbox.hosted import File
from connectors.mailbox.odoo_listing import MESSAGE
from connectors.odoo.port import Json, Odoo
from schemas.ids import external_id

_OURS: Final = f"{external_id(MESSAGE, '').partition('.')[0]}."
MAX_PEOPLE: Final = 200
MAX_FILES: Final = 100
MAX_ANSWERED: Final = 5_000
_ASKED: Final = (
    "message_id", "subject", "email_from", "author_id", "date", "create_date", "body", "message_type", "model",
    "res_id", "parent_id", "partner_ids", "notification_ids", "reply_to", "attachment_ids",
    "incoming_email_to", "incoming_email_cc",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Person:
    """A contact of Odoo. `outside`: no employee's."""

    name: str
    email: str
    outside: bool


@dataclass(frozen=True, slots=True)
class Letter:
    """One message. `row` as Odoo reads it; `to_known`: whether Odoo kept whom it was addressed to.

    `root`: the Message-ID of the record's first message; `answered`: of the last mail that came in before a sent one.
    """

    row: Json
    author: Person | None = None
    to: tuple[Person, ...] = ()
    files: tuple[File, ...] = ()
    root: str = ""
    answered: str = ""
    lost: str = ""
    """Why its body could not be read; empty when it was."""

    @property
    def id(self) -> int:
        """In mail.message."""
        return int(self.row["id"])

    @property
    def to_known(self) -> bool:
        """Odoo 19 keeps To and Cc of mail that came in; Odoo 17 only the contacts among them."""
        return "incoming_email_to" in self.row


@dataclass(slots=True)
class _Found:
    """What the messages name, by id."""

    people: dict[int, Person] = field(default_factory=dict)
    files: dict[int, File] = field(default_factory=dict)
    notified: dict[int, int] = field(default_factory=dict)
    """notification → contact"""
    parents: dict[int, str] = field(default_factory=dict)
    answered: dict[int, str] = field(default_factory=dict)
    """message → Message-ID of what it answers"""


async def read_letters(odoo: Odoo, ids: Sequence[int], *, sent: bool, bodies: bool = True) -> list[Letter]:
    """Those that are still there and may be read, in the order of their ids. Raises as the port of Odoo says."""
    known = await odoo.fields_get(MESSAGE)
    asked = [name for name in _ASKED if name in known and (bodies or name != "body")]
    rows = await odoo.search_read(MESSAGE, [["id", "in", list(ids)]], asked, limit=len(ids), order="id")
    if not rows:
        return []
    found = _Found()
    if sent:
        found.notified = await _notified(odoo, rows)
        found.answered = await _answered(odoo, rows)
    found.people = await _people(odoo, {*_ids(rows, "author_id"), *_ids(rows, "partner_ids"), *found.notified.values()})
    found.files = await _files(odoo, _ids(rows, "attachment_ids"))
    found.parents = await _parents(odoo, _ids(rows, "parent_id"))
    return [_letter(row, found) for row in rows]


def _letter(row: Json, found: _Found) -> Letter:
    author = next(iter(_several(row, "author_id")), None)
    notified = [found.notified[each] for each in _several(row, "notification_ids") if each in found.notified]
    named = dict.fromkeys((*_several(row, "partner_ids"), *notified))
    parent = next(iter(_several(row, "parent_id")), 0)
    return Letter(
        row,
        found.people.get(author) if author else None,
        tuple(found.people[each] for each in named if each in found.people)[:MAX_PEOPLE],
        tuple(found.files[each] for each in _several(row, "attachment_ids")[:MAX_FILES] if each in found.files),
        found.parents.get(parent, ""),
        found.answered.get(int(row["id"]), ""),
    )


async def written_by_us(odoo: Odoo, ids: Sequence[int]) -> set[int]:
    """Those that our own actions loaded into a record's chatter: they have an external id of ours.

    Any user may ask (Odoo: `BaseModel.get_external_id`), unlike of `ir.model.data`.
    """
    if not ids:
        return set()
    names: dict[str, str] = await odoo.call(MESSAGE, "get_external_id", [list(ids)])
    return {int(ident) for ident, name in names.items() if name.startswith(_OURS)}


async def _notified(odoo: Odoo, rows: Sequence[Json]) -> dict[int, int]:
    """Those outside: they are always notified by mail."""
    ids = _ids(rows, "notification_ids")[: MAX_PEOPLE * len(rows)]
    if not ids:
        return {}
    domain = [["id", "in", ids], ["res_partner_id.partner_share", "=", True]]
    answer = await odoo.search_read("mail.notification", domain, ["res_partner_id"], limit=len(ids))
    return {int(each["id"]): _several(each, "res_partner_id")[0] for each in answer if each["res_partner_id"]}


async def _people(odoo: Odoo, ids: Collection[int]) -> dict[int, Person]:
    """The archived ones too."""
    if not ids:
        return {}
    domain = [["id", "in", sorted(ids)], ["active", "in", [True, False]]]
    rows = await odoo.search_read("res.partner", domain, ["name", "email", "partner_share"], limit=len(ids))
    return {
        int(each["id"]): Person(str(each["name"] or ""), str(each["email"] or ""), bool(each["partner_share"]))
        for each in rows
    }


async def _files(odoo: Odoo, ids: Sequence[int]) -> dict[int, File]:
    if not ids:
        return {}
    rows = await odoo.search_read(
        "ir.attachment", [["id", "in", list(ids)]], ["name", "mimetype", "file_size"], limit=len(ids)
    )
    return {
        int(each["id"]): File(
            str(each["name"] or ""), str(each["mimetype"] or "application/octet-stream"), int(each["file_size"] or 0)
        )
        for each in rows
    }


async def _parents(odoo: Odoo, ids: Sequence[int]) -> dict[int, str]:
    if not ids:
        return {}
    rows = await odoo.search_read(MESSAGE, [["id", "in", list(ids)]], ["message_id"], limit=len(ids))
    return {int(each["id"]): str(each["message_id"] or "") for each in rows}


async def _answered(odoo: Odoo, rows: Sequence[Json]) -> dict[int, str]:
    """For sent messages: the last mail that came in on the same record before it. Odoo 17 keeps only the first one."""
    records: dict[str, set[int]] = {}
    for row in rows:
        if row["model"] and row["res_id"]:
            records.setdefault(str(row["model"]), set()).add(int(row["res_id"]))
    before: dict[tuple[str, int], list[tuple[int, str]]] = {}
    for model, ids in records.items():
        domain = [["model", "=", model], ["res_id", "in", sorted(ids)], ["message_type", "=", "email"]]
        asked = ["message_id", "res_id"]
        for each in await odoo.search_read(MESSAGE, domain, asked, limit=MAX_ANSWERED, order="id desc"):
            before.setdefault((model, int(each["res_id"])), []).append((int(each["id"]), str(each["message_id"] or "")))
    answered = {}
    for row in rows:
        earlier = before.get((str(row["model"]), int(row["res_id"] or 0)), [])
        answered[int(row["id"])] = next((ident for number, ident in earlier if number < int(row["id"])), "")
    return answered


def _ids(rows: Sequence[Json], name: str) -> list[int]:
    return sorted({each for row in rows for each in _several(row, name)})


def _several(row: Json, name: str) -> list[int]:
    """The ids in what a read gives: [id, name] or False of a many2one, a list of an x2many."""
    value: Any = row.get(name)
    if not isinstance(value, list):
        return []
    if len(value) == 2 and isinstance(value[1], str):
        return [int(value[0])]
    return [int(each) for each in value]
