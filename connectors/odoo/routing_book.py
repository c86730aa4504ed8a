"""What Odoo's gateway is configured with: alias domains, aliases, allowed domains. Read together, kept for a while."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from connectors.odoo.errors import usable_without
from connectors.odoo.port import Json, Odoo
from connectors.odoo.senders import knows_aliases
from runtime.clock import Clock
from runtime.errors import PermanentError

LIMIT = 10_000
KEPT_SECONDS = 300.0
ALLOWED = "mail.catchall.domain.allowed"
MINUTES = "mail.gateway.loop.minutes"
THRESHOLD = "mail.gateway.loop.threshold"
_DEFAULTS = {MINUTES: 120, THRESHOLD: 20}


@dataclass(frozen=True, slots=True)
class Alias:
    """An alias of Odoo (`mail.alias`). `thread` 0: each mail makes a record. `parent`: model and id that own it."""

    id: int
    name: str
    full_name: str
    model: str
    thread: int
    contact: str
    parent: tuple[str, int] | None
    local: bool
    """Any domain: the part before the @ is enough."""


@dataclass(frozen=True, slots=True)
class RoutingBook:
    """Everything of Odoo's configuration that decides where a mail goes. `unread`: what the account may not read."""

    major: int
    bounces: frozenset[str] = frozenset()
    catchalls: frozenset[str] = frozenset()
    domains: tuple[str, ...] = ()
    allowed: tuple[str, ...] = ()
    aliases: tuple[Alias, ...] = ()
    loop_minutes: int = 120
    loop_threshold: int = 20
    unread: tuple[str, ...] = ()

    def local_parts(self, addresses: Iterable[str]) -> set[str]:
        """What is before the @, of addresses whose domain may be anyone's, or is among the allowed ones."""
        allowed = {*self.allowed, *self.domains} if self.allowed else None
        split = (address.partition("@") for address in addresses)
        return {local for local, _, domain in split if local and domain and (allowed is None or domain in allowed)}

    def matching(self, addresses: Sequence[str]) -> list[Alias]:
        """The aliases of these addresses, in Odoo's order."""
        whole, local = set(addresses), self.local_parts(addresses)
        return [each for each in self.aliases if each.full_name in whole or (each.local and each.name in local)]


@dataclass(slots=True)
class RoutingBooks:
    """The book of one Odoo, read again when it is older than `kept_seconds`."""

    odoo: Odoo
    clock: Clock
    kept_seconds: float = KEPT_SECONDS
    _kept: tuple[float, RoutingBook] | None = None
    _reading: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def current(self) -> RoutingBook:
        """Raises TransientError when Odoo is away, PermanentError when the account may not read the aliases."""
        async with self._reading:
            now = self.clock.monotonic()
            if self._kept is None or now - self._kept[0] > self.kept_seconds:
                self._kept = (now, await read_routing_book(self.odoo))
            return self._kept[1]


async def read_routing_book(odoo: Odoo) -> RoutingBook:
    """In five calls. Raises PermanentError `odoo-too-old` before Odoo 17."""
    version = await odoo.version()
    if version.major < 17 or not await knows_aliases(odoo):
        raise PermanentError(
            f"where Odoo {version.text} files mail cannot be told: alias domains came with Odoo 17", code="odoo-too-old"
        )
    domains = await odoo.search_read(
        "mail.alias.domain", [], ["name", "bounce_alias", "catchall_alias"], limit=LIMIT, order="sequence, id"
    )
    parameters, unread = await _parameters(odoo)
    return RoutingBook(
        major=version.major,
        bounces=frozenset(f"{row['bounce_alias']}@{row['name']}" for row in domains if row["bounce_alias"]),
        catchalls=frozenset(f"{row['catchall_alias']}@{row['name']}" for row in domains if row["catchall_alias"]),
        domains=tuple(str(row["name"]) for row in domains),
        allowed=tuple(each for each in parameters.get(ALLOWED, "").split(",") if each),
        aliases=await _aliases(odoo),
        loop_minutes=_number(parameters, MINUTES),
        loop_threshold=_number(parameters, THRESHOLD),
        unread=unread,
    )


async def _parameters(odoo: Odoo) -> tuple[dict[str, str], tuple[str, ...]]:
    asked = [["key", "in", [ALLOWED, MINUTES, THRESHOLD]]]
    try:
        rows = await odoo.search_read("ir.config_parameter", asked, ["key", "value"], limit=10)
    except PermanentError as error:
        usable_without(error)
        return {}, ("ir.config_parameter",)
    return {str(row["key"]): str(row["value"] or "") for row in rows}, ()


async def _aliases(odoo: Odoo) -> tuple[Alias, ...]:
    fields = ["alias_name", "alias_full_name", "alias_model_id", "alias_force_thread_id", "alias_contact"]
    fields += ["alias_parent_model_id", "alias_parent_thread_id", "alias_incoming_local"]
    rows = await odoo.search_read("mail.alias", [["alias_name", "!=", False]], fields, limit=LIMIT)
    models = await _models(odoo, rows)
    return tuple(_alias(row, models) for row in rows)


async def _models(odoo: Odoo, rows: Sequence[Json]) -> dict[int, str]:
    asked = {int(row[name][0]) for row in rows for name in ("alias_model_id", "alias_parent_model_id") if row[name]}
    if not asked:
        return {}
    found = await odoo.search_read("ir.model", [["id", "in", sorted(asked)]], ["model"], limit=LIMIT)
    return {int(row["id"]): str(row["model"]) for row in found}


def _alias(row: Json, models: dict[int, str]) -> Alias:
    owner = row["alias_parent_model_id"] and models.get(int(row["alias_parent_model_id"][0]))
    held = int(row["alias_parent_thread_id"] or 0)
    return Alias(
        id=int(row["id"]),
        name=str(row["alias_name"]),
        full_name=str(row["alias_full_name"] or ""),
        model=models.get(int(row["alias_model_id"][0]), "") if row["alias_model_id"] else "",
        thread=int(row["alias_force_thread_id"] or 0),
        contact=str(row["alias_contact"] or "everyone"),
        parent=(str(owner), held) if owner and held else None,
        local=bool(row["alias_incoming_local"]),
    )


def _number(parameters: dict[str, str], key: str) -> int:
    try:
        return int(parameters.get(key) or _DEFAULTS[key])
    except ValueError:
        return _DEFAULTS[key]
