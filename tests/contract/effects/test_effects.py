"""What holds for every effect, whatever it acts on."""

import json

import pytest

from runtime.errors import MaildeskError, TargetDownError
from schemas.action import ACTION_TYPES
from schemas.command import ActionCommand
from schemas.mail import Address
from schemas.result import Produced
from services.actions.clean import clean_produced
from services.actions.effects.port import DeclinedError, Effect
from services.actions.settings import ActionsSettings
from services.actions.states import State
from tests.contract.effects.benches import Bench, OdooBench, looked_at
from tests.contract.effects.cases import type_of
from tests.contract.effects.conftest import COMBINATIONS
from tests.contract.odoo.conftest import pretending
from tests.integration.actions.desks import OdooDesk
from tests.integration.actions.doing import act, done
from tests.unit.services.actions.fakes import job

LEASE = ActionsSettings.model_fields["actions_lease_seconds"].default
MOST_BYTES = 20_000
HOSTILE = "<script>alert(1)</script>\r\n\x00\x01\x1b[31m{subject}\ud800" + "x" * 1_000_000


def test_every_action_type_is_tested() -> None:
    assert {type_of(name) for name, _ in COMBINATIONS} == set(ACTION_TYPES)


async def test_a_plan_touches_nothing(bench: Bench) -> None:
    given = await bench.given()
    planned = await bench.effect.plan(job(given))
    assert planned.text.startswith("would ")
    assert await bench.left(given) == 0


async def test_doing_it_is_seen_and_the_result_names_it(bench: Bench) -> None:
    given = await bench.given()
    produced = await done(bench.effect, given)
    assert await bench.left(given) == 1
    assert await bench.names(given, produced)
    assert "\n" not in produced.text


async def test_nothing_is_found_of_what_was_not_done(bench: Bench) -> None:
    given = await bench.given()
    assert await bench.effect.find(looked_at(given, bench.finds or State.RUNNING)) is None


async def test_a_repeat_finds_it_and_gives_no_second(bench: Bench) -> None:
    given = await bench.given()
    first = await done(bench.effect, given)
    found = await _repeated(bench, given)
    assert await bench.left(given) == 1
    assert (found.kind, found.model, found.res_id) == (first.kind, first.model, first.res_id)


async def _repeated(bench: Bench, given: ActionCommand) -> Produced:
    """As the executor repeats: it looks first, and acts only where there is nothing to be seen."""
    if bench.finds is None:
        assert await bench.effect.find(looked_at(given, State.RUNNING)) is None
        return await done(bench.effect, given)
    found = await bench.effect.find(looked_at(given, bench.finds))
    assert found is not None
    return found


async def test_several_at_once_are_answered_in_order(bench: Bench) -> None:
    several = [await bench.given() for _ in range(3)]
    answers = await act(bench.effect, *several)
    for given, answer in zip(several, answers, strict=True):
        assert isinstance(answer, Produced), answer
        assert await bench.left(given) == 1
        assert await bench.names(given, answer)


async def test_a_target_that_is_away_is_down_and_nothing_was_done(bench: Bench) -> None:
    given = await bench.given()
    (answer,) = await _answered(bench.away, given)
    assert isinstance(answer, TargetDownError), answer
    assert "\n" not in answer.text
    assert await bench.left(given) == 0
    if bench.away.shared_target is not None:
        raised = await _raised_by_probe(bench)
        assert isinstance(raised, TargetDownError)
        await bench.effect.probe()


async def _answered(effect: Effect, given: ActionCommand) -> list[Produced | MaildeskError]:
    """The executor turns what is raised into everybody's answer."""
    try:
        return await act(effect, given)
    except MaildeskError as error:
        return [error]


async def _raised_by_probe(bench: Bench) -> MaildeskError | None:
    try:
        await bench.away.probe()
    except MaildeskError as error:
        return error
    return None


async def test_a_hostile_mail_does_no_harm(bench: Bench) -> None:
    given = await bench.given(subject=HOSTILE, excerpt=HOSTILE[:5_000])
    given = given.model_copy(update={"event": given.event.model_copy(update={"sender": _named(given, HOSTILE)})})
    await bench.effect.plan(job(given))
    produced = clean_produced(await done(bench.effect, given))
    assert await bench.left(given) == 1
    text = produced.model_dump_json()
    assert len(text) < MOST_BYTES
    assert Produced.model_validate(json.loads(text)) == produced
    assert not any(ord(character) < 32 for character in produced.text)


def _named(given: ActionCommand, name: str) -> Address:
    sender = given.event.sender
    return Address(name=name, address=sender.address if sender else "a@x.example")


async def test_its_limits_fit_the_lease_and_its_facts_are_said(bench: Bench) -> None:
    effect = bench.effect
    assert 0 < effect.seconds <= LEASE
    assert 1 <= effect.batch <= 500
    for fact in ("needs", "repeat", "undone"):
        said = getattr(effect, fact)
        assert said
        assert "\n" not in said


@pytest.mark.parametrize("kind", ["crm_lead", "helpdesk_ticket", "attach_to_record"])
async def test_a_missing_app_skips_in_one_line(kind: str) -> None:
    async with pretending(apps=()) as site:
        bench = OdooBench(kind, OdooDesk(site))
        given = await bench.given()
        (answer,) = await _answered(bench.effect, given)
        with pytest.raises(DeclinedError) as planned:
            await bench.effect.plan(job(given))
        await bench.nobody.close()
    for said in (answer, planned.value):
        assert isinstance(said, DeclinedError)
        assert said.code == "not-installed"
        assert "not installed" in said.text
        assert "\n" not in said.text
