"""Whether Odoo's aliases lead where people think: domains that are not set, names that clash, our own addresses."""

from collections import defaultdict
from collections.abc import Iterator

from cli.doctor.finding import Finding, listed
from cli.doctor.house import House
from connectors.odoo.routing_book import Alias, RoutingBook, read_routing_book
from runtime.errors import PermanentError

_WHERE = "in Odoo: Settings, General Settings, Discuss, Alias Domain"


async def check_aliases(house: House) -> list[Finding]:
    """Where mail to an alias would get lost, or be handled twice."""
    if house.odoo is None:
        return []
    try:
        book = await read_routing_book(house.odoo)
    except PermanentError as error:
        if error.code not in ("odoo-access", "odoo-too-old"):
            raise
        return []
    return [*_domains(book), *_clashes(book), *_ours(book, house)]


def _domains(book: RoutingBook) -> Iterator[Finding]:
    if not book.domains:
        text = "Odoo has no alias domain, so replies to its mail come back to nobody, and no alias takes mail"
        yield Finding("odoo-alias-domain-unset", "Odoo", text, f"set one {_WHERE}", "warning")
        return
    if bare := [alias.name for alias in book.aliases if "@" not in alias.full_name and not alias.local]:
        text = f"aliases without a domain take no mail: {listed(bare, 10)}"
        remedy = "choose their domain, or archive what owns them"
        yield Finding("odoo-alias-without-domain", "Odoo", text, remedy, "warning")


def _clashes(book: RoutingBook) -> Iterator[Finding]:
    """A local alias takes mail of every domain, so that of another one with the same name makes two routes."""
    by_name: dict[str, list[Alias]] = defaultdict(list)
    for alias in book.aliases:
        by_name[alias.name].append(alias)
    for name, aliases in by_name.items():
        if len(aliases) > 1 and any(alias.local for alias in aliases):
            places = listed([f"{alias.full_name} → {alias.model}" for alias in aliases], 5)
            text = f"alias {name} exists {len(aliases)} times, and one of them takes mail of any domain: {places}"
            remedy = "rename one, or switch off its local-part based detection; else one mail makes several records"
            yield Finding("odoo-alias-clash", "Odoo", text, remedy)


def _ours(book: RoutingBook, house: House) -> Iterator[Finding]:
    """Odoo makes records of what is sent to an alias; our rules act on the same mail."""
    special = dict.fromkeys(book.bounces, "bounce address") | dict.fromkeys(book.catchalls, "catchall")
    for mailbox in house.mailboxes:
        for alias in book.matching(sorted(mailbox.own_addresses)):
            text = f"{listed([alias.full_name])} is an address of this mailbox and an alias in Odoo, for {alias.model}"
            remedy = "rename the alias, or see that only one of the two handles its mail"
            yield Finding("odoo-alias-own-address", f"mailbox {mailbox.id}", text, remedy, "warning")
        for address in sorted(mailbox.own_addresses & special.keys()):
            text = f"{listed([address])} is an address of this mailbox and Odoo's {special[address]}"
            remedy = f"give Odoo another one {_WHERE}, or take it out of the mailbox's addresses"
            yield Finding("odoo-alias-own-address", f"mailbox {mailbox.id}", text, remedy, "warning")
