"""To which record a reply belongs, as Odoo 17's `mail.thread.message_route` decides, many mails in a few calls.

References wins over In-Reply-To, also when none of its ids is known. Of the messages that the ids name, the newest in
Odoo (highest id) says the record, whatever the order in the header. An alias in To that makes records of another model
cancels the reply. What Odoo would make of new mail (aliases, bounces) is no record yet. Unlike Odoo's gateway, which
looks as superuser, the account sees the messages that it may read. Left out are the security settings of aliases, the
allowed domains, reports of failed delivery and deleted records: routing_prediction.py asks for them, mail by mail.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from connectors.odoo.port import Json, Odoo
from connectors.odoo.senders import knows_aliases

CHUNK = 500
LIMIT = 10_000
_BLANKS = re.compile(r"[\r\n\t ]+")


@dataclass(frozen=True, slots=True)
class Thread:
    """What of a mail decides: its ids as in the headers, with angle brackets, and the addresses of To."""

    references: Sequence[str] = ()
    in_reply_to: Sequence[str] = ()
    to: Sequence[str] = ()

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids that Odoo looks up."""
        asked = self.references or self.in_reply_to
        return tuple(_BLANKS.sub("", each) for each in asked if "reply_to" not in each)


Routed = tuple[str, int]
"""Model and id."""


async def find_records(odoo: Odoo, threads: Sequence[Thread]) -> list[Routed | None]:
    """For each mail its record, or None. Raises TransientError when Odoo is away."""
    known = await _messages(odoo, {each for thread in threads for each in thread.ids})
    routed = [_newest(known, thread.ids) for thread in threads]
    models = {found[0] for found in routed if found}
    others = {model: await _other_aliases(odoo, model, _recipients(threads, routed, model)) for model in sorted(models)}
    return [
        found if found and not others[found[0]].intersection(_spellings(thread.to)) else None
        for found, thread in zip(routed, threads, strict=True)
    ]


async def _messages(odoo: Odoo, ids: Collection[str]) -> dict[str, Json]:
    """The newest message of each id."""
    ordered, found = sorted(ids), dict[str, Json]()
    for start in range(0, len(ordered), CHUNK):
        domain = [["message_id", "in", ordered[start : start + CHUNK]]]
        asked = {"fields": ["message_id", "model", "res_id"], "order": "id"}
        for row in await odoo.call("mail.message", "search_read", [domain], asked):
            found[str(row["message_id"])] = row
    return found


def _newest(known: dict[str, Json], ids: Iterable[str]) -> Routed | None:
    rows = [known[each] for each in ids if each in known]
    newest = max(rows, key=lambda row: int(row["id"]), default=None)
    if newest is None or not newest["model"] or not newest["res_id"]:
        return None
    return str(newest["model"]), int(newest["res_id"])


def _recipients(threads: Sequence[Thread], routed: Sequence[Routed | None], model: str) -> list[str]:
    pairs = zip(threads, routed, strict=True)
    return sorted({address.lower() for thread, found in pairs if found and found[0] == model for address in thread.to})


async def _other_aliases(odoo: Odoo, model: str, addresses: list[str]) -> set[str]:
    """Which of the addresses, or of the parts before their @, are aliases that make records of another model."""
    found: set[str] = set()
    if not await knows_aliases(odoo):
        return found
    for start in range(0, len(addresses), CHUNK):
        part = addresses[start : start + CHUNK]
        local = sorted({address.partition("@")[0] for address in part if "@" in address})
        whole_or_local = ["|", ["alias_full_name", "in", part], "&", ["alias_name", "in", local], _INCOMING_LOCAL]
        domain = [["alias_model_id.model", "!=", model], *whole_or_local]
        asked = ["alias_full_name", "alias_name", "alias_incoming_local"]
        for row in await odoo.search_read("mail.alias", domain, asked, limit=LIMIT):
            found.add(str(row["alias_full_name"]))
            if row["alias_incoming_local"]:
                found.add(f"{row['alias_name']}@")
    return found


_INCOMING_LOCAL = ["alias_incoming_local", "=", True]


def _spellings(addresses: Iterable[str]) -> set[str]:
    """Each address, and what is before its @ with it, as an alias that any domain may use is written."""
    lowered = [address.lower() for address in addresses]
    return {*lowered, *(f"{address.partition('@')[0]}@" for address in lowered)}
