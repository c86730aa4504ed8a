"""A worker dies at each numbered point of an undo: afterwards it is undone once, and can be done again."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, cast

import pytest

from connectors.mailbox.changes import Changed
from connectors.mailbox.fake import FakeMailbox
from connectors.odoo.port import Odoo
from runtime.errors import MaildeskError
from schemas.command import ActionCommand
from schemas.result import Produced
from services.actions.connections import Connections
from services.actions.effects.crm_lead import CrmLead
from services.actions.effects.odoo_site import OdooSite
from services.actions.effects.port import Undoable
from services.actions.effects.tag import Tag
from services.actions.model import Job
from services.actions.states import State
from services.actions.undoing import Undoing
from tests.contract.mailbox.rigs import fetched
from tests.contract.odoo.conftest import Site, pretend, pretend_json_2, real
from tests.integration.actions.desks import OdooDesk, site
from tests.integration.actions.doing import event_of, wanted
from tests.integration.actions.mortal import Died
from tests.unit.services.actions.fakes import FakeEffect
from tests.unit.services.actions.making import known, mailbox
from tests.unit.services.actions.rig import Rig
from tests.unit.services.actions.undo_rig import rerun, undo

__all__ = ["pretend", "pretend_json_2", "real", "site"]
POINTS = ("1 before the change is sent", "2 it is changed, the answer is lost", "3 answered, nothing is noted")


class Fate:
    """Where the worker dies, once."""

    def __init__(self) -> None:
        self.dies_at = ""

    def pass_point(self, point: str) -> None:
        if self.dies_at == point:
            self.dies_at = ""
            raise Died

    async def around(self, change: Callable[[], Awaitable[Any]]) -> Any:
        self.pass_point(POINTS[0])
        answer = await change()
        self.pass_point(POINTS[1])
        return answer


class MortalMailbox(FakeMailbox):
    """Its caller dies around a change of tags."""

    def __init__(self, fate: Fate) -> None:
        super().__init__("test")
        self._fate = fate

    async def change_tags(self, uri: str, add: tuple[str, ...], remove: tuple[str, ...]) -> Changed:
        change = super().change_tags
        return cast("Changed", await self._fate.around(lambda: change(uri, add, remove)))


class MortalOdoo:
    """Its caller dies around a write."""

    def __init__(self, odoo: Odoo, fate: Fate) -> None:
        self._odoo = odoo
        self._fate = fate

    def __getattr__(self, name: str) -> Any:
        return getattr(self._odoo, name)

    async def call(self, model: str, method: str, args: Sequence[Any], kwargs: Any = None) -> Any:
        if method != "write":
            return await self._odoo.call(model, method, args, kwargs)
        return await self._fate.around(lambda: self._odoo.call(model, method, args, kwargs))


class Worker(Undoing):
    """It dies before it notes the answers."""

    def __init__(self, effect: Undoable, rig: Rig, fate: Fate) -> None:
        super().__init__(effect, rig.store)
        self._fate = fate

    async def do(self, jobs: Sequence[Job]) -> list[Produced | MaildeskError]:
        answers = await super().do(jobs)
        self._fate.pass_point(POINTS[2])
        return answers


async def survive(effect: Undoable, given: ActionCommand, fate: Fate, point: str) -> Rig:
    """Act, undo and die at the point; the next worker takes over when the lease has ended."""
    store = Rig()
    boxes = known(mailbox("test"), mailbox("support"))

    def worker() -> Rig:
        return Rig(cast("FakeEffect", Worker(effect, store, fate)), beside=store, mailboxes=boxes)

    first = worker()
    await first.handle(given)
    assert first.state(given) is State.SUCCEEDED
    back = undo(given)
    fate.dies_at = point
    with pytest.raises(Died):
        await first.handle(back)
    second = worker()
    await second.sweep(10.0)
    assert second.state(back) is State.RUNNING
    await second.sweep(second.policy.lease.total_seconds())
    assert [result.state for result in second.results(back)] == ["succeeded"]
    return second


@pytest.mark.parametrize("point", POINTS)
async def test_a_tag_is_taken_off_once(point: str) -> None:
    fate = Fate()
    box = MortalMailbox(fate)
    box.deliver(b"Message-ID: <1@x.example>\r\nFrom: a@x.example\r\n\r\nHi", flags=("before",))
    (message,) = await fetched(box)
    given = wanted(event_of(message), type="tag", add=["Invoice", "before"])
    rig = await survive(Tag(Connections(known(mailbox("test")), lambda _: box)), given, fate, point)
    tags = [(effect[0], *effect[2:]) for effect in box.effects]
    assert tags == [("flags", "+Invoice"), ("flags", "-Invoice")]
    again = rerun(given)
    await rig.handle(again)
    assert (rig.last(again).state, rig.last(again).generation) == ("succeeded", 1)
    (message,) = await fetched(box)
    assert set(message.flags) == {"before", "Invoice"}


@pytest.mark.parametrize("point", POINTS)
async def test_a_lead_is_archived_once_and_made_again(site: Site, point: str) -> None:
    fate, desk = Fate(), OdooDesk(site)
    shared = OdooSite(cast("Odoo", MortalOdoo(site.odoo, fate)), site.account.url, site.account.database)
    given = desk.wanted({"type": "crm_lead"})
    domain = [["name", "like", desk.tag], ["active", "in", [True, False]]]
    try:
        rig = await survive(CrmLead(shared), given, fate, point)
        assert [row["active"] for row in await desk.found("crm.lead", domain, "active")] == [False]
        again = rerun(given)
        await rig.handle(again)
        assert rig.last(again).state == "succeeded", rig.last(again)
        assert [row["active"] for row in await desk.found("crm.lead", domain, "active")] == [False, True]
    finally:
        await desk.remove("crm.lead", [row["id"] for row in await desk.found("crm.lead", domain)])
