"""A worker dies at each numbered point around a call to Odoo: afterwards each effect is there once, and one success."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any, cast

import pytest

from connectors.mailbox.fake import FakeMailbox
from connectors.odoo.port import Odoo
from schemas.result import Produced
from services.actions.connections import Connections
from services.actions.effects.activity import Activity
from services.actions.effects.attach_to_record import AttachToRecord
from services.actions.effects.crm_lead import CrmLead
from services.actions.effects.notify_channel import NotifyChannel
from services.actions.effects.notify_user import NotifyUser
from services.actions.effects.odoo_site import OdooSite
from tests.contract.mailbox.rigs import fetched
from tests.contract.odoo.conftest import Site, pretend, pretend_json_2, real
from tests.integration.actions.desks import OdooDesk, site
from tests.integration.actions.doing import event_of, wanted
from tests.integration.actions.mortal import POINTS, Case, MortalOdoo, survive
from tests.unit.services.actions.making import known, mailbox

__all__ = ["pretend", "pretend_json_2", "real", "site"]


class Desk(OdooDesk):
    """Makes one case of each kind."""

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self.mortal = MortalOdoo(site.odoo)
        self.shared = OdooSite(cast("Odoo", self.mortal), site.account.url, site.account.database)
        self.channel = 0

    async def ids(self, model: str, *domain: Sequence[Any]) -> list[int]:
        return [row["id"] for row in await self.found(model, domain)]

    async def lead(self) -> Case:
        given = self.wanted({"type": "crm_lead"})
        return Case(CrmLead(self.shared), given, lambda: self.ids("crm.lead", ["name", "like", self.tag]))

    async def note(self) -> Case:
        made = await self.site.lead("gateway")
        filed = {"model": "crm.lead", "res_id": made, "message_type": "email", "message_id": self.ident(1)}
        await self.site.odoo.call("mail.message", "create", [filed])
        on: list[list[Any]] = [["model", "=", "crm.lead"], ["res_id", "=", made], ["subject", "like", self.tag]]
        answer = self.wanted({"type": "crm_lead"}, 2, 1)
        return Case(CrmLead(self.shared), answer, lambda: self.ids("mail.message", *on))

    async def user(self) -> Case:
        given = self.wanted({"type": "notify_user", "users": [self.site.account.login]})
        return Case(NotifyUser(self.shared), given, lambda: self.ids("mail.message", ["subject", "like", self.tag]))

    async def discuss(self) -> Case:
        name = f"Sales {self.tag}"
        self.channel = await self.site.odoo.call("discuss.channel", "create", [{"name": name}])
        on: list[list[Any]] = [["model", "=", "discuss.channel"], ["res_id", "=", self.channel]]
        on.append(["message_type", "=", "comment"])
        given = self.wanted({"type": "notify_channel", "channel": name})
        return Case(NotifyChannel(self.shared), given, lambda: self.ids("mail.message", *on))

    async def activity(self) -> Case:
        lead = await self.site.lead("busy")

        async def records(subjects: Sequence[str]) -> dict[str, Produced]:
            return dict.fromkeys(subjects, Produced(kind="record", model="crm.lead", res_id=lead))

        on: list[list[Any]] = [["res_model", "=", "crm.lead"], ["res_id", "=", lead]]
        effect = Activity(self.shared, records)
        return Case(effect, self.wanted({"type": "activity"}), lambda: self.ids("mail.activity", *on))

    async def attach(self) -> Case:
        box = FakeMailbox("test")
        box.deliver(f"Message-ID: {self.ident(1)}\r\nFrom: a@x.example\r\nSubject: {self.tag}\r\n\r\nHi".encode())
        (message,) = await fetched(box)
        effect = AttachToRecord(self.shared, Connections(known(mailbox("test")), lambda _: box))
        given = wanted(event_of(message), type="attach_to_record", fallback_model="crm.lead")
        return Case(effect, given, lambda: self.ids("crm.lead", ["name", "like", self.tag]), "test")

    async def clean(self) -> None:
        await self.remove("crm.lead", await self.ids("crm.lead", ["name", "like", self.tag]))
        await self.remove("discuss.channel", [self.channel] if self.channel else [])
        await self.remove_messages(await self.ids("mail.message", ["subject", "like", self.tag]))


KINDS: dict[str, Callable[[Desk], Awaitable[Case]]] = {
    "crm_lead": Desk.lead,
    "a note": Desk.note,
    "notify_user": Desk.user,
    "notify_channel": Desk.discuss,
    "activity": Desk.activity,
    "attach_to_record": Desk.attach,
}


@pytest.fixture
async def desk(site: Site) -> AsyncIterator[Desk]:
    found = Desk(site)
    yield found
    await found.clean()


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("kind", KINDS)
async def test_exactly_once(desk: Desk, kind: str, point: str) -> None:
    case = await KINDS[kind](desk)
    await survive(desk.mortal, case, point)
