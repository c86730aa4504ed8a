"""Running jobs through a fake effect: what is begun, what is not, and what each answer means."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from runtime.backoff import Backoff
from runtime.clock import FakeClock
from runtime.errors import MaildeskError, OutcomeUnknownError, PermanentError, TargetDownError, TransientError
from schemas.registry import MailboxRegistry, RuleRegistry
from schemas.result import Produced
from schemas.rule import Rule
from services.actions.circuit import Circuits
from services.actions.effects.port import DeclinedError
from services.actions.executor import Executor
from services.actions.model import Job, Verdict
from services.actions.policy import Policy
from services.actions.states import SUPERSEDED, Event
from tests.unit.services.actions.fakes import FakeEffect, job
from tests.unit.services.actions.making import NOON, TAG, command, known, mail, mailbox, publish_rules, standing

POLICY = Policy(max_attempts=3)


class Rig:
    """An executor and what stands around it."""

    def __init__(self, mailboxes: MailboxRegistry | None = None, effect: FakeEffect | None = None) -> None:
        self.clock = FakeClock()
        self.effect = effect or FakeEffect()
        self.circuits = Circuits(self.clock, Backoff(first=10.0))
        self.rules = RuleRegistry()
        checks = standing(mailboxes or known(), POLICY, self.rules)
        self.executor = Executor(self.effect, POLICY, self.circuits, checks, self.clock)

    async def one(self, given: Job) -> Verdict:
        (verdict,) = await self.executor.run([given])
        return verdict


def of(number: int, **fields: Any) -> Job:
    return job(command(mail(number), **fields))


async def test_success_says_what_was_done() -> None:
    rig = Rig()
    verdict = await rig.one(of(1))
    assert (verdict.event, verdict.reason, verdict.text, verdict.attempt) == (Event.SUCCEEDED, "", "done", 1)
    assert (verdict.fence, verdict.started_at, verdict.uri) == (8, NOON, "eml://support/1.eml")
    assert rig.effect.calls == [("do", [UUID(int=1)])]


@pytest.mark.parametrize(
    ("error", "event", "reason"),
    [
        (DeclinedError("gone", code="message-gone"), Event.DECLINED, "message-gone"),
        (PermanentError("no such folder", code="folder-missing"), Event.FAILED, "folder-missing"),
        (TransientError("lost a race", code="odoo-conflict"), Event.TRANSIENT, "odoo-conflict"),
        (OutcomeUnknownError("cut off", code="odoo-outcome-unknown"), Event.TRANSIENT, "odoo-outcome-unknown"),
        (TargetDownError("refused", code="imap-connect"), Event.TARGET_DOWN, "target-down"),
        (ValueError("a defect"), Event.TRANSIENT, "internal-error"),
        (TimeoutError(), Event.TRANSIENT, "time-out"),
    ],
)
async def test_what_an_answer_means(error: Exception, event: Event, reason: str) -> None:
    rig = Rig()
    rig.effect.answers[UUID(int=1)] = error
    verdict = await rig.one(of(1))
    assert (verdict.event, verdict.reason) == (event, reason)
    assert verdict.attempt == (0 if event is Event.TARGET_DOWN else 1)
    assert (verdict.wait > timedelta(0)) == (event in (Event.TRANSIENT, Event.TARGET_DOWN))
    assert "a defect" not in verdict.text


async def test_one_jobs_error_does_not_take_the_others_along() -> None:
    rig = Rig()
    rig.effect.answers = {UUID(int=2): PermanentError("bad row"), UUID(int=3): TransientError("busy")}
    verdicts = await rig.executor.run([of(n) for n in range(1, 5)])
    assert [v.event for v in verdicts] == [Event.SUCCEEDED, Event.FAILED, Event.TRANSIENT, Event.SUCCEEDED]


async def test_the_last_attempt_fails_for_good() -> None:
    rig = Rig()
    rig.effect.answers[UUID(int=1)] = TransientError("busy", code="busy")
    verdict = await rig.one(job(command(mail(1)), attempt=3))
    assert (verdict.event, verdict.reason, verdict.attempt) == (Event.EXHAUSTED, "busy", 3)
    assert "after 3 attempts" in verdict.text


async def test_an_unknown_last_outcome_is_looked_up_and_never_repeated() -> None:
    rig = Rig()
    rig.effect.answers[UUID(int=1)] = OutcomeUnknownError("cut off")
    assert (await rig.one(job(command(mail(1)), attempt=3))).event is Event.TRANSIENT
    rig.effect.calls.clear()
    verdict = await rig.one(job(command(mail(1)), attempt=4, failures=3))
    assert (verdict.event, verdict.reason, verdict.attempt) == (Event.EXHAUSTED, "outcome-unknown", 3)
    rig.effect.found[UUID(int=1)] = Produced(text="found")
    verdict = await rig.one(job(command(mail(1)), attempt=4, failures=3))
    assert (verdict.event, verdict.text, verdict.attempt) == (Event.SUCCEEDED, "found", 3)
    assert [name for name, _ in rig.effect.calls] == ["find", "find"]


@pytest.mark.parametrize(("attempt", "failures", "asked"), [(1, 0, False), (2, 0, True), (1, 1, True)])
async def test_a_repeat_looks_before_it_acts(attempt: int, failures: int, asked: bool) -> None:
    rig = Rig()
    await rig.one(job(command(mail(1)), attempt=attempt, failures=failures))
    assert [name for name, _ in rig.effect.calls] == (["find", "do"] if asked else ["do"])


async def test_what_was_found_is_not_done_again() -> None:
    rig = Rig()
    rig.effect.found[UUID(int=1)] = Produced(text="there")
    verdict = await rig.one(job(command(mail(1)), attempt=2))
    assert (verdict.event, verdict.text) == (Event.SUCCEEDED, "there")
    assert rig.effect.done() == []


async def test_a_superseded_one_only_looks() -> None:
    rig = Rig()
    verdict = await rig.one(job(command(mail(1)), attempt=2, wait_reason=SUPERSEDED))
    assert (verdict.event, verdict.reason) == (Event.DECLINED, "superseded")
    assert rig.effect.done() == []


@pytest.mark.parametrize(
    ("attempt", "event", "reason"), [(1, Event.DECLINED, "superseded"), (2, Event.FAILED, "outcome-unknown")]
)
async def test_a_superseded_undo_that_may_have_acted_says_so(attempt: int, event: Event, reason: str) -> None:
    """Nothing on a target tells that something was taken back, so a look finds nothing."""
    rig = Rig()
    verdict = await rig.one(job(command(mail(1), undoes=UUID(int=7)), attempt=attempt, wait_reason=SUPERSEDED))
    assert (verdict.event, verdict.reason) == (event, reason)
    assert rig.effect.done() == []


async def test_a_dry_run_plans_and_touches_nothing() -> None:
    rig = Rig()
    verdict = await rig.one(of(1, dry_run=True, run="m1"))
    assert (verdict.event, verdict.text) == (Event.PLANNED, "would")
    assert rig.effect.calls == [("plan", [UUID(int=1)])]


async def test_a_mailbox_that_is_switched_off_or_gone() -> None:
    off = Rig(known(mailbox(automation=False)))
    assert (await off.one(of(1))).reason == "mailbox-off"
    assert (await off.one(of(1, run="m1"))).event is Event.SUCCEEDED
    gone = Rig(known(mailbox("sales")))
    fresh = await gone.one(of(1))
    assert (fresh.event, fresh.reason, fresh.attempt) == (Event.TARGET_DOWN, "mailbox-unknown", 0)
    old = replace(of(1), started_at=NOON + timedelta(seconds=4))
    verdict = await gone.one(old)
    assert (verdict.event, verdict.reason) == (Event.DECLINED, "mailbox-gone")
    assert gone.effect.calls == []


async def test_what_was_done_before_the_switch_is_not_forgotten() -> None:
    rig = Rig(known(mailbox(automation=False)))
    rig.effect.found[UUID(int=1)] = Produced(text="there")
    assert (await rig.one(job(command(mail(1)), attempt=2))).event is Event.SUCCEEDED
    assert (await rig.one(job(command(mail(2)), attempt=2))).reason == "mailbox-off"


async def test_nothing_begins_that_might_outlive_its_lease() -> None:
    rig = Rig()
    verdict = await rig.one(replace(of(1), lease_ends=99.0))
    assert (verdict.event, verdict.reason, verdict.attempt) == (Event.TARGET_DOWN, "lease-short", 0)
    assert rig.effect.calls == []
    assert rig.circuits.allow("mailbox:support")


def rule_of(name: str = "r1", **fields: Any) -> Rule:
    return Rule.model_validate({"id": name, "mailbox": "support", "actions": [TAG], **fields})


async def test_a_rule_that_is_gone_or_off_begins_nothing_more() -> None:
    rig = Rig()
    publish_rules(rig.rules, 4, rule_of(), rule_of("off", enabled=False), rule_of("watched", mode="shadow"))

    async def reason(rule: str, number: int, **fields: Any) -> str:
        return (await rig.one(job(command(mail(number), rule=rule, ruleset_version=3, **fields)))).reason

    assert [await reason(name, n) for n, name in enumerate(["r1", "off", "watched", "gone"])] == [
        "", "rule-off", "rule-off", "rule-gone",
    ]  # fmt: skip
    assert await reason("off", 7, trigger="manual", run="manual-1") == ""
    assert await reason("gone", 8, trigger="manual", run="manual-2") == "rule-gone"


async def test_rules_that_this_process_has_not_read_yet_stop_nothing() -> None:
    rig = Rig()
    publish_rules(rig.rules, 4)
    assert (await rig.one(job(command(mail(1), ruleset_version=5)))).event is Event.SUCCEEDED
    assert (await rig.one(job(command(mail(2), ruleset_version=4)))).reason == "rule-gone"


async def test_a_mailbox_of_a_version_that_is_not_read_yet_is_waited_for_however_long() -> None:
    rig = Rig(known(mailbox("sales")))
    rig.clock.advance(3600)
    late = replace(job(command(mail(1), ruleset_version=2)), started_at=NOON + timedelta(hours=1))
    assert (await rig.one(late)).reason == "mailbox-unknown"
    known_now = replace(job(command(mail(2), ruleset_version=1)), started_at=NOON)
    assert (await rig.one(known_now)).reason == "mailbox-gone"


async def test_what_expired_is_skipped_also_when_it_waited_for_its_target() -> None:
    rig = Rig()
    given = command(mail(1), expires_at=NOON)
    assert (await rig.one(replace(job(given), started_at=NOON))).event is Event.SUCCEEDED
    verdict = await rig.one(replace(job(command(mail(2), expires_at=NOON)), started_at=NOON + timedelta(seconds=1)))
    assert (verdict.event, verdict.reason) == (Event.DECLINED, "expired")


async def test_looking_may_use_up_the_lease_of_another() -> None:
    rig = Rig()

    class Slow(FakeEffect):
        async def find(self, job: Job) -> Produced | None:
            rig.clock.advance(950.0)
            return await super().find(job)

    rig.effect = Slow()
    rig.executor = Executor(rig.effect, POLICY, rig.circuits, standing(known(), POLICY), rig.clock)
    verdicts = await rig.executor.run([of(1), job(command(mail(2)), attempt=2)])
    assert {verdict.reason for verdict in verdicts} == {"lease-short"}
    assert rig.effect.done() == []


async def test_an_open_circuit_lets_one_job_try() -> None:
    rig = Rig()
    rig.circuits.trip("mailbox:support", "refused")
    verdicts = await rig.executor.run([of(1), of(2)])
    assert {(v.event, v.text) for v in verdicts} == {(Event.TARGET_DOWN, "refused")}
    assert rig.effect.calls == []
    rig.clock.advance(10.0)
    verdicts = await rig.executor.run([of(1), of(2)])
    assert [v.event for v in verdicts] == [Event.SUCCEEDED, Event.TARGET_DOWN]
    assert rig.circuits.allow("mailbox:support")


async def test_a_call_counts_once_for_the_circuit_however_many_jobs_it_carried() -> None:
    rig = Rig()
    rig.effect.answers = {UUID(int=n): TargetDownError("refused") for n in range(1, 6)}
    await rig.executor.run([of(n) for n in range(1, 6)])
    assert not rig.circuits.is_open("mailbox:support")
    for _ in range(2):
        await rig.executor.run([of(1)])
    assert rig.circuits.is_open("mailbox:support")


async def test_a_target_that_never_answers_in_time_opens_its_circuit() -> None:
    rig = Rig()
    rig.effect.answers[UUID(int=1)] = TimeoutError()
    for _ in range(3):
        verdict = await rig.one(of(1))
    assert "no answer within 100 s" in verdict.text
    assert rig.circuits.is_open("mailbox:support")


async def test_waiting_for_a_target_ends_too() -> None:
    rig = Rig()
    rig.effect.answers[UUID(int=1)] = TargetDownError("refused")
    verdict = await rig.one(replace(of(1), started_at=NOON + timedelta(hours=73)))
    assert (verdict.event, verdict.reason) == (Event.EXHAUSTED, "target-down")


async def test_an_effect_that_hangs_is_cut_off() -> None:
    rig = Rig()
    rig.effect.seconds = 0.01
    rig.effect.before = lambda: asyncio.sleep(60)
    assert (await rig.one(of(1))).reason == "time-out"


@pytest.mark.parametrize("answer", [Produced(text="a\0b", details={"x": ["\0"]}), PermanentError("a\0\ud800b" * 2_000)])
async def test_texts_are_fit_for_storing(answer: Produced | MaildeskError) -> None:
    rig = Rig()
    rig.effect.answers[UUID(int=1)] = answer
    verdict = await rig.one(of(1))
    assert "\0" not in verdict.text
    assert len(verdict.text.encode()) <= 8_000
    assert "\\u0000" not in verdict.produced.model_dump_json()
