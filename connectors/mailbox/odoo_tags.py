"""Tags of a message in Odoo: on the message where a module gives it tags, else on the record that it belongs to.

Odoo 17's own `mail.message` has none, while leads, tasks and tickets have (`tag_ids`). A tag is known by its name,
whatever its case; one that does not exist is made under an external id, so that a repeat finds it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from connectors.mailbox.changes import Changed
from connectors.mailbox.odoo_listing import MESSAGE
from connectors.mailbox.odoo_marks import LINK, UNLINK, gone
from connectors.mailbox.odoo_uri import OdooUri
from connectors.mailbox.port import ReadOnlyError
from connectors.odoo.errors import ModelMissingError
from connectors.odoo.port import Json, Loaded, Odoo
from runtime.errors import PermanentError
from schemas.ids import external_id

FIELD: Final = "tag_ids"
NAME: Final = "name"
MAX_TAGS: Final = 1_000


@dataclass(frozen=True, slots=True)
class Tagged:
    """What carries the tags, and the model that these are records of."""

    model: str
    record: int
    tags: str


async def change_tags(odoo: Odoo, place: OdooUri, add: Sequence[str], remove: Sequence[str]) -> Changed:
    """Raises MessageGoneError, and ReadOnlyError (`no-tags`) where neither message nor record has any."""
    tagged = await _tagged(odoo, place)
    rows = await odoo.search_read(tagged.model, [["id", "=", tagged.record]], [FIELD], limit=1)
    if not rows:
        raise ReadOnlyError(f"{tagged.model} {tagged.record} is not there any more", code="no-tags")
    have = set(rows[0][FIELD])
    known = await _find(odoo, tagged.tags, [*add, *remove])
    made = await _made(odoo, tagged.tags, [name for name in dict.fromkeys(add) if name.casefold() not in known])
    ids = {**known, **made}
    added = [name for name in add if ids[name.casefold()] not in have]
    removed = [name for name in remove if ids.get(name.casefold()) in have]
    commands = [[LINK, ids[name.casefold()], 0] for name in added]
    commands += [[UNLINK, ids[name.casefold()], 0] for name in removed]
    if commands:
        await odoo.call(tagged.model, "write", [[tagged.record], {FIELD: commands}])
    return Changed(str(place), tuple(added), tuple(removed))


async def _tagged(odoo: Odoo, place: OdooUri) -> Tagged:
    own = await odoo.fields_get(MESSAGE)
    rows = await odoo.search_read(MESSAGE, [["id", "=", place.message]], ["model", "res_id"], limit=1)
    if not rows:
        raise gone(place)
    if tags := await _tags_of(odoo, own):
        return Tagged(MESSAGE, place.message, tags)
    model, record = str(rows[0]["model"] or ""), int(rows[0]["res_id"] or 0)
    if not model or not record:
        raise ReadOnlyError("Odoo's messages have no tags, and this one is on no record that has", code="no-tags")
    try:
        fields = await odoo.fields_get(model)
    except ModelMissingError:
        fields = {}
    if tags := await _tags_of(odoo, fields):
        return Tagged(model, record, tags)
    raise ReadOnlyError(f"neither Odoo's messages nor its records of {model} have tags", code="no-tags")


async def _tags_of(odoo: Odoo, fields: dict[str, Json]) -> str:
    """The model of the tags; empty where there is no such field, or its records have no name."""
    described = fields.get(FIELD, {})
    if described.get("type") != "many2many":
        return ""
    relation = str(described["relation"])
    return relation if NAME in await odoo.fields_get(relation) else ""


async def _find(odoo: Odoo, model: str, names: Iterable[str]) -> dict[str, int]:
    """Folded name → tag; of several that differ in case only, the oldest."""
    wanted = sorted(set(names))
    if not wanted:
        return {}
    terms: list[object] = ["|"] * (len(wanted) - 1)
    terms += [[NAME, "=ilike", _literal(name)] for name in wanted]
    rows = await odoo.search_read(model, terms, [NAME], limit=MAX_TAGS, order="id desc")
    return {str(row[NAME]).casefold(): int(row["id"]) for row in rows}


async def _made(odoo: Odoo, model: str, names: Sequence[str]) -> dict[str, int]:
    """Insert-only: two at once make one, and a tag that somebody renamed since keeps its new name."""
    if not names:
        return {}
    rows = [[external_id(model, f"tag:{name.casefold()}"), name] for name in names]
    made: dict[str, int] = {}
    for name, result in zip(names, (await odoo.load(model, ["id", NAME], rows)).results, strict=True):
        if not isinstance(result, Loaded):
            raise PermanentError(f"Odoo does not make the tag {name!r}: {result.text}", code="odoo-refused")
        made[name.casefold()] = result.id
    return made


def _literal(name: str) -> str:
    return name.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")
