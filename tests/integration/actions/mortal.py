"""Workers that die at numbered points around a call to Odoo, and what the next worker makes of it."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import pytest

from connectors.odoo.port import Cell, LoadOutcome, Odoo, Post
from runtime.errors import MaildeskError
from schemas.command import ActionCommand
from schemas.result import Produced
from services.actions.effects.port import Effect
from services.actions.model import Job
from services.actions.states import State
from tests.unit.services.actions.making import known, mailbox
from tests.unit.services.actions.rig import Rig

POINTS = ("1 before Odoo is asked", "2 Odoo has written, its answer is lost", "3 answered, nothing is noted")
WRITES = ("message_post", "message_process")


class Died(BaseException):
    """As SIGKILL: nothing is caught, nothing more is written down."""


class MortalOdoo:
    """An Odoo whose caller dies once at a point."""

    def __init__(self, odoo: Odoo) -> None:
        self._odoo = odoo
        self.dies_at = ""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._odoo, name)

    def pass_point(self, point: str) -> None:
        if self.dies_at == point:
            self.dies_at = ""
            raise Died

    async def load(
        self, model: str, fields: Sequence[str], rows: Sequence[Sequence[Cell]], *, context: Mapping[str, Any] | None
    ) -> LoadOutcome:
        if not rows:
            return await self._odoo.load(model, fields, rows, context=context)
        return cast("LoadOutcome", await self._write(self._odoo.load(model, fields, rows, context=context)))

    async def message_post(self, model: str, res_id: int, post: Post) -> int:
        return cast("int", await self._write(self._odoo.message_post(model, res_id, post)))

    async def call(self, model: str, method: str, args: Sequence[Any], kwargs: Mapping[str, Any] | None = None) -> Any:
        made = self._odoo.call(model, method, args, kwargs)
        return await self._write(made) if method in WRITES else await made

    async def _write(self, made: Awaitable[Any]) -> Any:
        try:
            self.pass_point(POINTS[0])
        except Died:
            cast("Any", made).close()
            raise
        answer = await made
        self.pass_point(POINTS[1])
        return answer


class MortalEffect:
    """An effect whose worker dies before it notes the answers."""

    def __init__(self, effect: Effect, odoo: MortalOdoo) -> None:
        self._effect = effect
        self._odoo = odoo

    def __getattr__(self, name: str) -> Any:
        return getattr(self._effect, name)

    async def do(self, jobs: Sequence[Job]) -> Sequence[Produced | MaildeskError]:
        answers = await self._effect.do(jobs)
        self._odoo.pass_point(POINTS[2])
        return answers


@dataclass
class Case:
    """An effect, a command for it, and what it left in Odoo."""

    effect: Effect
    given: ActionCommand
    left: Callable[[], Awaitable[list[int]]]
    box: str = "support"


async def survive(odoo: MortalOdoo, case: Case, point: str) -> None:
    """One worker dies at the point, the next takes over when the lease has ended."""
    effect = cast("Any", MortalEffect(case.effect, odoo))
    boxes = known(mailbox(case.box))
    first = Rig(effect, mailboxes=boxes)
    odoo.dies_at = point
    with pytest.raises(Died):
        await first.handle(case.given)
    assert len(await case.left()) == (point != POINTS[0])
    second = Rig(effect, beside=first, mailboxes=boxes)
    await second.sweep(10.0)
    assert second.state(case.given) is State.RUNNING
    await second.sweep(second.policy.lease.total_seconds())
    results = [result.state for result in second.results(case.given)]
    assert (second.state(case.given), results) == (State.SUCCEEDED, ["succeeded"])
    assert len(await case.left()) == 1
    assert second.last(case.given).produced.res_id
