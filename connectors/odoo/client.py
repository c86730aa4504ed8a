"""The port's methods over any protocol that can send one call."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from connectors.odoo.channel import Channel, Limits
from connectors.odoo.choice import ChosenWire
from connectors.odoo.errors import ModelMissingError
from connectors.odoo.loading import Loading, Patience
from connectors.odoo.port import Cell, Domain, Json, LoadOutcome, OdooAccount, OdooVersion, Post
from runtime.clock import Clock, SystemClock
from runtime.errors import PermanentError
from runtime.telemetry import inner_span

FIELDS_SECONDS = 300.0
_FIELD_FACTS = ["type", "string", "required", "readonly", "relation", "relation_field", "selection"]
_LOOK_UP_BATCH = 200


class Wire(Protocol):
    """One protocol of Odoo: sends a call once and translates what went wrong."""

    @property
    def call_seconds(self) -> float: ...

    async def version(self) -> OdooVersion: ...

    async def call(
        self, model: str, method: str, args: Sequence[Any], kwargs: Mapping[str, Any] | None = None
    ) -> Any: ...

    async def close(self) -> None: ...


class OdooClient:
    """The real `Odoo` of the port."""

    def __init__(self, wire: Wire, *, clock: Clock, patience: Patience) -> None:
        self._wire = wire
        self._clock = clock
        self._patience = patience
        self._fields: dict[str, tuple[float, dict[str, Json]]] = {}
        self._reads_external_ids = True

    async def version(self) -> OdooVersion:
        return await self._wire.version()

    async def call(self, model: str, method: str, args: Sequence[Any], kwargs: Mapping[str, Any] | None = None) -> Any:
        try:
            with inner_span("odoo", attributes={"odoo.model": model, "odoo.method": method}):
                return await self._wire.call(model, method, args, kwargs)
        except PermanentError as error:
            # Odoo tells of a missing model in its user's language; fields_get refuses for no other reason.
            if error.code != "odoo-refused":
                raise
            if method == "fields_get":
                raise ModelMissingError(f"Odoo has no model {model}; its module is not installed") from error
            await self.fields_get(model)
            raise

    async def close(self) -> None:
        await self._wire.close()

    async def fields_get(self, model: str) -> dict[str, Json]:
        now = self._clock.monotonic()
        kept = self._fields.get(model)
        if kept is None or now - kept[0] > FIELDS_SECONDS:
            kept = (now, await self.call(model, "fields_get", [], {"attributes": _FIELD_FACTS}))
            self._fields[model] = kept
        return kept[1]

    async def search_read(
        self, model: str, domain: Domain, fields: Sequence[str], *, limit: int, order: str | None = None
    ) -> list[Json]:
        wanted: dict[str, Any] = {"fields": list(fields) or ["id"], "limit": limit}
        if order is not None:
            wanted["order"] = order
        found: list[Json] = await self.call(model, "search_read", [list(domain)], wanted)
        return found

    async def load(
        self,
        model: str,
        fields: Sequence[str],
        rows: Sequence[Sequence[Cell]],
        *,
        context: Mapping[str, Any] | None = None,
    ) -> LoadOutcome:
        loading = Loading(model, fields, rows, context, self.resolve_external_ids)
        return await loading.run(self.call, self._wire.call_seconds, self._patience, self._clock)

    async def resolve_external_ids(self, names: Sequence[str]) -> dict[str, tuple[str, int]]:
        found: dict[str, tuple[str, int]] = {}
        modules: dict[str, list[str]] = defaultdict(list)
        for name in dict.fromkeys(names):
            module, _, rest = name.partition(".")
            modules[module].append(rest)
        for module, rests in modules.items():
            for start in range(0, len(rests), _LOOK_UP_BATCH):
                found.update(await self._resolve(module, rests[start : start + _LOOK_UP_BATCH]))
        return found

    async def find_message(self, message_id: str) -> int | None:
        found = await self.search_read("mail.message", [["message_id", "=", message_id]], ["id"], limit=1, order="id")
        return int(found[0]["id"]) if found else None

    async def message_post(self, model: str, res_id: int, post: Post) -> int:
        known = await self.find_message(post.message_id)
        if known is not None:
            return known
        values = {
            "body": post.body_html,
            "body_is_html": True,
            "message_id": post.message_id,
            "subtype_xmlid": post.subtype,
            "message_type": post.message_type,
            "author_id": post.author_id,
            "email_from": post.email_from,
            "subject": post.subject,
        }
        given = {name: value for name, value in values.items() if value is not None}
        answer = await self.call(model, "message_post", [[res_id]], given)
        return int(answer[0] if isinstance(answer, list) else answer)

    async def _resolve(self, module: str, rests: list[str]) -> dict[str, tuple[str, int]]:
        if self._reads_external_ids:
            domain = [["module", "=", module], ["name", "in", rests]]
            facts = ["name", "model", "res_id"]
            try:
                rows = await self.search_read("ir.model.data", domain, facts, limit=len(rests))
            except PermanentError as error:
                if error.code != "odoo-access":
                    raise
                # Odoo 17 lets only administrators read ir.model.data; everyone may ask for one name at a time.
                self._reads_external_ids = False
            else:
                return {f"{module}.{row['name']}": (row["model"], int(row["res_id"])) for row in rows}
        answers = await asyncio.gather(*(self._reference(module, rest) for rest in rests))
        return {f"{module}.{rest}": got for rest, got in zip(rests, answers, strict=True) if got is not None}

    async def _reference(self, module: str, rest: str) -> tuple[str, int] | None:
        everything = {"context": {"active_test": False}}
        try:
            model, record = await self.call("ir.model.data", "check_object_reference", [module, rest], everything)
        except PermanentError as error:
            if error.code == "odoo-access" or (error.code == "odoo-fault" and rest in error.text):
                return None
            raise
        return (str(model), int(record)) if record else None


def open_odoo(
    account: OdooAccount,
    limits: Limits | None = None,
    *,
    clock: Clock | None = None,
    patience: Patience | None = None,
) -> OdooClient:
    """An Odoo over JSON-RPC (up to 18) or JSON-2 (from 19 on). Opens no connection before the first call."""
    wire = ChosenWire(account, Channel(account.url, account.password, limits or Limits()))
    return OdooClient(wire, clock=clock or SystemClock(), patience=patience or Patience())
