"""One Odoo as the effects use it: its connection, links to its records, and which of its apps are installed."""

from connectors.odoo.errors import ModelMissingError
from connectors.odoo.port import Json, Odoo
from runtime.clock import Clock, SystemClock
from schemas.result import Produced
from services.actions.effects.odoo_text import record_url
from services.actions.effects.port import DeclinedError

ASK_AGAIN_SECONDS = 300.0
"""How long an app counts as not installed; the connection keeps fields for as long."""


class OdooSite:
    """A database of one Odoo. All effects of a process share it, and with it the connections."""

    def __init__(self, odoo: Odoo, url: str, database: str, clock: Clock | None = None) -> None:
        self.odoo = odoo
        self.database = database
        self._url = url
        self._clock = clock or SystemClock()
        self._missing: dict[str, float] = {}

    async def fields(self, model: str, app: str) -> dict[str, Json]:
        """The model's fields. Raises DeclinedError (`not-installed`) when its app is not there, and PermanentError."""
        found = await self.fields_if_any(model)
        if found is None:
            raise DeclinedError(f"{app} is not installed", code="not-installed")
        return found

    async def fields_if_any(self, model: str) -> dict[str, Json] | None:
        """The same; None when there is no such model."""
        asked = self._missing.get(model)
        if asked is not None and self._clock.monotonic() - asked < ASK_AGAIN_SECONDS:
            return None
        try:
            found = await self.odoo.fields_get(model)
        except ModelMissingError:
            self._missing[model] = self._clock.monotonic()
            return None
        self._missing.pop(model, None)
        return found

    def record(self, model: str, res_id: int, text: str, **details: object) -> Produced:
        """What an effect made of or found in a record."""
        return Produced(
            kind="record",
            model=model,
            res_id=res_id,
            url=record_url(self._url, model, res_id),
            text=text,
            details=details,
        )

    def url(self, model: str, res_id: int) -> str:
        """A link for people."""
        return record_url(self._url, model, res_id)
