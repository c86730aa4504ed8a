"""The client over a scripted wire: what it makes of answers that no test can order from a running Odoo."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.odoo.client import FIELDS_SECONDS, OdooClient
from connectors.odoo.errors import ModelMissingError
from connectors.odoo.loading import Patience
from connectors.odoo.port import Loaded, OdooVersion, Refused
from runtime.errors import OutcomeUnknownError, PermanentError, TargetDownError, TransientError

BROKEN = OutcomeUnknownError("broken", code="odoo-outcome-unknown")
DOWN = TargetDownError("down", code="odoo-down")
CONFLICT = TransientError("lost", code="odoo-conflict")
REFUSED = PermanentError("L'objet crm.lead n'existe pas", code="odoo-refused")


class QuickClock:
    """Sleeping moves the time at once."""

    def __init__(self) -> None:
        self.elapsed = 0.0

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return self.elapsed

    async def sleep(self, seconds: float) -> None:
        self.elapsed += seconds


class ScriptedWire:
    """Answers each method from its own list, the last answer for ever; an exception is raised. A call takes 1 s."""

    call_seconds = 10.0

    def __init__(self, clock: QuickClock, **script: list[Any]) -> None:
        self.clock = clock
        self.script = script
        self.sent: list[str] = []

    async def version(self) -> OdooVersion:
        return OdooVersion(17, "17.0")

    async def call(
        self, _model: str, method: str, _args: Sequence[Any], _kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        self.sent.append(method)
        self.clock.elapsed += 1.0
        answers = self.script[method]
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def close(self) -> None:
        return None


def client(**script: list[Any]) -> tuple[OdooClient, ScriptedWire, QuickClock]:
    clock = QuickClock()
    wire = ScriptedWire(clock, **script)
    return OdooClient(wire, clock=clock, patience=Patience()), wire, clock


def named(*rows: int, text: str = "bad") -> dict[str, Any]:
    return {"ids": False, "messages": [{"type": "error", "rows": {"from": i, "to": i}, "message": text} for i in rows]}


ROWS = [["m.a", "A"], ["m.b", "B"], ["m.c", "C"]]
FOUND_B = [{"name": "b", "model": "crm.lead", "res_id": 7}]


async def test_down_after_a_lost_answer_stays_an_unknown_outcome() -> None:
    odoo, _, _ = client(load=[BROKEN, DOWN], search_read=[[]])
    with pytest.raises(OutcomeUnknownError) as caught:
        await odoo.load("crm.lead", ["id", "name"], ROWS)
    assert caught.value.code == "odoo-outcome-unknown"


async def test_down_in_the_look_up_after_a_lost_answer_too() -> None:
    odoo, wire, _ = client(load=[BROKEN], search_read=[DOWN])
    with pytest.raises(OutcomeUnknownError):
        await odoo.load("crm.lead", ["id", "name"], ROWS)
    assert wire.sent == ["load", "search_read"]


async def test_down_before_anything_was_sent_is_just_down() -> None:
    odoo, wire, _ = client(load=[CONFLICT, DOWN], search_read=[[]])
    with pytest.raises(TargetDownError):
        await odoo.load("crm.lead", ["id", "name"], ROWS)
    assert wire.sent == ["load", "search_read", "load"]


async def test_only_what_the_look_up_did_not_find_is_sent_again() -> None:
    odoo, wire, _ = client(load=[BROKEN, {"ids": [1, 2], "messages": []}], search_read=[FOUND_B])
    outcome = await odoo.load("crm.lead", ["id", "name"], ROWS)
    assert outcome.results == (Loaded(1), Loaded(7), Loaded(2))
    assert wire.sent == ["load", "search_read", "load"]


async def test_a_refused_row_that_exists_after_all_is_loaded() -> None:
    odoo, _, _ = client(load=[named(1, text="Zugriff verloren"), {"ids": [1, 2]}], search_read=[FOUND_B])
    outcome = await odoo.load("crm.lead", ["id", "name"], ROWS)
    assert outcome.results == (Loaded(1), Loaded(7), Loaded(2))


async def test_a_row_blamed_for_a_broken_transaction_is_sent_again() -> None:
    broken = named(0, text="Unknown database error: 'current transaction is aborted'")
    odoo, _, _ = client(load=[broken, {"ids": [1, 2, 3]}], search_read=[[]])
    outcome = await odoo.load("crm.lead", ["id", "name"], ROWS)
    assert outcome.results == (Loaded(1), Loaded(2), Loaded(3))


@pytest.mark.parametrize(
    "answer",
    [{"ids": False, "messages": []}, {"ids": [1]}, {"ids": False}, named(99), {"messages": [{"type": "error"}]}],
)
async def test_answers_that_settle_nothing_end(answer: dict[str, Any]) -> None:
    odoo, wire, _ = client(load=[answer], search_read=[[]])
    with pytest.raises(TransientError):
        await odoo.load("crm.lead", ["id", "name"], ROWS)
    assert wire.sent.count("load") == Patience().tries


async def test_bad_rows_use_no_patience() -> None:
    answers = [*(named(0) for _ in range(9)), {"ids": [5]}]
    odoo, wire, clock = client(load=answers, search_read=[[]])
    outcome = await odoo.load("crm.lead", ["id"], [[f"m.r{i}"] for i in range(10)])
    assert outcome.results == (*[Refused("bad")] * 9, Loaded(5))
    assert outcome.calls == wire.sent.count("load") == 10
    assert clock.elapsed == len(wire.sent)


async def test_no_try_starts_that_might_not_end_in_time() -> None:
    clock = QuickClock()
    wire = ScriptedWire(clock, load=[CONFLICT], search_read=[[]])
    odoo = OdooClient(wire, clock=clock, patience=Patience(tries=100, seconds=30.0))
    with pytest.raises(TransientError):
        await odoo.load("crm.lead", ["id", "name"], ROWS)
    assert clock.elapsed + wire.call_seconds > 20.0
    assert clock.elapsed <= 30.0


async def test_rows_refused_one_by_one_end_in_time_too() -> None:
    clock = QuickClock()
    wire = ScriptedWire(clock, load=[named(0)], search_read=[[]])
    odoo = OdooClient(wire, clock=clock, patience=Patience(seconds=30.0))
    with pytest.raises(TransientError) as caught:
        await odoo.load("crm.lead", ["id"], [[f"m.r{i}"] for i in range(50)])
    assert caught.value.code == "odoo-busy"
    assert clock.elapsed <= 30.0


async def test_a_missing_model_is_found_in_any_language() -> None:
    odoo, _, _ = client(search_read=[REFUSED], fields_get=[REFUSED])
    with pytest.raises(ModelMissingError):
        await odoo.search_read("crm.lead", [], ["name"], limit=1)


async def test_a_refusal_by_a_model_that_exists_stays_one() -> None:
    odoo, _, _ = client(write=[REFUSED], fields_get=[{"name": {"type": "char"}}])
    with pytest.raises(PermanentError) as caught:
        await odoo.call("crm.lead", "write", [[1], {}])
    assert caught.value is REFUSED


async def test_fields_are_asked_for_again_after_some_minutes() -> None:
    odoo, wire, clock = client(fields_get=[{"a": {}}, {"b": {}}])
    assert await odoo.fields_get("crm.lead") == {"a": {}}
    assert await odoo.fields_get("crm.lead") == {"a": {}}
    clock.elapsed += FIELDS_SECONDS
    assert await odoo.fields_get("crm.lead") == {"b": {}}
    assert len(wire.sent) == 2
