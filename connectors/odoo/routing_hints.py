"""Forms of an address or a Message-ID that look as if they named a record, and that Odoo 17 does not read as one.

`purchase+123@…`: extensions of a local part have no meaning to Odoo's aliases. `<model-id-time@domain>` and
`<rand.time-openerp-123-purchase.order@host>`: ids are looked up whole in `mail.message`; nothing is parsed out of them.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from connectors.odoo.routing_book import RoutingBook
from connectors.odoo.routing_mail import GatewayMail

_PLUS: Final = re.compile(r"^(?P<name>[^@+]+)\+(?P<id>[0-9]{1,12})@")
_OWN: Final = re.compile(r"-openerp-(?P<id>[0-9]{1,12})-(?P<model>[a-z][a-z0-9_]*(?:\.[a-z0-9_]+)+)@")
_OLD: Final = re.compile(r"^<?(?P<model>[a-z][a-z0-9_]*(?:\.[a-z0-9_]+)+)-(?P<id>[0-9]{1,12})-[0-9.]+@")
MOST: Final = 10


@dataclass(frozen=True, slots=True)
class Hint:
    """`form` as it stands in the mail; `model` empty where only an alias of that name would tell it."""

    form: str
    model: str
    record: int
    text: str


def hints(mail: GatewayMail, book: RoutingBook) -> list[Hint]:
    """What the forms in this mail would say, if Odoo read them; at most MOST."""
    found = [*_of_addresses(mail.recipients, book), *_of_ids(mail.ids)]
    return found[:MOST]


def _of_addresses(addresses: Iterable[str], book: RoutingBook) -> list[Hint]:
    found: list[Hint] = []
    for address in addresses:
        if got := _PLUS.match(address):
            model = next((alias.model for alias in book.aliases if alias.name == got["name"]), "")
            whole = f"{got['name']}@{address.partition('@')[2]}"
            known = f"; the alias is {whole}" if model else ""
            text = f"Odoo ignores this form: {address} is another address than {whole}, not record {got['id']}{known}"
            found.append(Hint(address, model, int(got["id"]), text))
    return found


def _of_ids(ids: Iterable[str]) -> list[Hint]:
    found: list[Hint] = []
    for each in ids:
        if got := _OLD.match(each) or _OWN.search(each):
            text = f"Odoo ignores this form: {each} names {got['model']} {got['id']}, but ids are only looked up whole"
            found.append(Hint(each, got["model"], int(got["id"]), text))
    return found
