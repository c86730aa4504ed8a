"""An Odoo in this process: the stand-in's records behind the real client, without a network."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from connectors.odoo.client import OdooClient
from connectors.odoo.errors import from_fault
from connectors.odoo.loading import Patience
from connectors.odoo.port import OdooVersion
from connectors.odoo.standin import StandIn
from connectors.odoo.standin.faults import serialized
from runtime.clock import Clock, FakeClock
from runtime.errors import MaildeskError

ADMIN = 2
Answer = Callable[[str, str, Any], Any]


class Line:
    """What carries calls to the stand-in. `fail` is raised, `hold` waits for ever, `twist` changes an answer."""

    def __init__(self, standin: StandIn) -> None:
        self.standin = standin
        self.calls: list[tuple[str, str]] = []
        self.fail: MaildeskError | None = None
        self.hold: tuple[str, str] | None = None
        self.twist: Answer = lambda _model, _method, answer: answer

    @property
    def call_seconds(self) -> float:
        return 60.0

    async def version(self) -> OdooVersion:
        major = self.standin.rpc.major
        return OdooVersion(major, f"{major}.0")

    async def call(self, model: str, method: str, args: Sequence[Any], kwargs: Mapping[str, Any] | None = None) -> Any:
        self.calls.append((model, method))
        if self.fail is not None:
            raise self.fail
        if self.hold in ((model, method), ("", "")):
            await asyncio.Event().wait()
        head = ["maildesk", ADMIN, "admin", model, method]
        try:
            answer = self.standin.rpc.dispatch("object", "execute_kw", [*head, list(args), dict(kwargs or {})])
        except Exception as error:  # the stand-in answers every exception
            raise from_fault(serialized(error)["data"] | serialized(error), model=model) from None
        return self.twist(model, method, answer)

    async def close(self) -> None:
        return None


class Office:
    """A stand-in with a few customers. `odoo` is its port."""

    def __init__(self, clock: Clock | None = None) -> None:
        self.line = Line(StandIn())
        self.odoo = OdooClient(self.line, clock=clock or FakeClock(), patience=Patience())

    async def create(self, kind: str, /, **values: Any) -> int:
        """One record."""
        ident: int = await self.odoo.call(kind, "create", [values])
        return ident

    async def partner(self, email: str, **values: Any) -> int:
        """One customer."""
        return await self.create("res.partner", name=email.partition("@")[0], email=email, **values)

    async def reply_to(self, lead: int, message_id: str) -> None:
        """A message in a lead's chatter, which a mail can answer."""
        await self.create("mail.message", message_id=message_id, model="crm.lead", res_id=lead)
