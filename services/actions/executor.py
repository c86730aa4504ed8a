"""Running jobs through an effect, and turning what came of it into verdicts."""

import asyncio
import logging
from collections.abc import Sequence
from datetime import timedelta

from runtime.clock import Clock
from runtime.errors import MaildeskError, PermanentError, TargetDownError, TransientError
from runtime.telemetry import extract, inject, span
from schemas.ids import LIVE
from schemas.result import Produced
from services.actions.circuit import Circuits
from services.actions.effects.port import DeclinedError, Effect
from services.actions.mailboxes import Mailboxes
from services.actions.metrics import EFFECT_SECONDS
from services.actions.model import Job, Verdict
from services.actions.policy import Policy
from services.actions.states import Event

log = logging.getLogger(__name__)
Answer = Produced | MaildeskError


class Executor:
    """Does jobs of one type. It never raises for what a target does: every job gets a verdict."""

    def __init__(self, effect: Effect, policy: Policy, circuits: Circuits, mailboxes: Mailboxes, clock: Clock) -> None:
        self._effect = effect
        self._policy = policy
        self._circuits = circuits
        self._mailboxes = mailboxes
        self._clock = clock

    async def run(self, jobs: Sequence[Job]) -> list[Verdict]:
        """One verdict per job."""
        answers: dict[int, Answer] = {}
        to_do: list[int] = []
        for index, job in enumerate(jobs):
            answer = await self._before(job)
            if answer is None:
                to_do.append(index)
            else:
                answers[index] = answer
        if to_do:
            done = await self._do([jobs[index] for index in to_do])
            answers |= dict(zip(to_do, done, strict=True))
        return [self._verdict(job, answers[index]) for index, job in enumerate(jobs)]

    async def _before(self, job: Job) -> Answer | None:
        """An answer that needs no acting: switched off, a dry run, a target that is down, or done before."""
        if (refusal := self._switched_off(job)) is not None:
            return refusal
        if self._effect.seconds > job.lease_ends - self._clock.monotonic():
            return TargetDownError("too little of the lease is left to begin", code="lease-short")
        target = self._effect.target(job.command)
        if not self._circuits.allow(target):
            return TargetDownError(self._circuits.reason(target), code="target-down")
        if job.command.dry_run:
            return await self._ask(job, plan=True)
        return await self._ask(job, plan=False) if job.attempt > 1 else None

    def _switched_off(self, job: Job) -> DeclinedError | None:
        mailbox = self._mailboxes.get(job.command.event.mailbox)
        if mailbox is None:
            return DeclinedError("the mailbox does not exist any more", code="mailbox-gone")
        if not mailbox.automation and job.command.run == LIVE:
            return DeclinedError("the mailbox was switched off meanwhile", code="mailbox-off")
        return None

    async def _ask(self, job: Job, *, plan: bool) -> Answer | None:
        answer: Answer | None
        try:
            async with asyncio.timeout(self._effect.seconds):
                answer = await (self._effect.plan(job) if plan else self._effect.find(job))
        except Exception as error:
            answer = self._translated(error)
        if answer is not None:
            self._report(job, answer)
        return answer

    async def _do(self, jobs: Sequence[Job]) -> list[Answer]:
        try:
            with EFFECT_SECONDS.labels(type=self._effect.type).time():
                async with asyncio.timeout(self._effect.seconds):
                    answers = await self._effect.do(jobs)
        except Exception as error:
            answers = [self._translated(error)] * len(jobs)
        for job, answer in zip(jobs, answers, strict=True):
            self._report(job, answer)
        return answers

    def _report(self, job: Job, answer: Answer) -> None:
        """Tell the target's circuit how it answered."""
        target = self._effect.target(job.command)
        if isinstance(answer, TargetDownError):
            self._circuits.failed(target, answer.text)
        else:
            self._circuits.answered(target)

    def _translated(self, error: Exception) -> MaildeskError:
        if isinstance(error, MaildeskError):
            return error
        if isinstance(error, TimeoutError):
            return TransientError(f"no answer within {self._effect.seconds:.0f} s", code="time-out")
        log.error("an effect raised what it should not", extra={"type": self._effect.type}, exc_info=error)
        return TransientError(f"internal error: {type(error).__name__}", code="internal-error")

    def _verdict(self, job: Job, answer: Answer) -> Verdict:
        target = self._effect.target(job.command)
        with span(
            f"action {self._effect.type}",
            parent=extract((name, value.encode()) for name, value in job.row.headers.items()),
            started=job.started_at,
            attributes={"maildesk.command_id": str(job.row.command_id), "maildesk.attempt": job.attempt},
        ):
            trace = inject()
        event, reason, text, wait = self._meaning(job, answer, target)
        return Verdict(
            row=job.row,
            event=event,
            fence=job.fence,
            attempt=job.attempt - 1 if event is Event.TARGET_DOWN else job.attempt,
            started_at=job.started_at,
            produced=answer if isinstance(answer, Produced) else Produced(),
            reason=reason,
            text=text,
            wait=timedelta(seconds=wait),
            records=job.records,
            trace=trace,
        )

    def _meaning(self, job: Job, answer: Answer, target: str) -> tuple[Event, str, str, float]:
        """Event, reason, text and seconds to wait."""
        if isinstance(answer, Produced):
            return (Event.PLANNED if job.command.dry_run else Event.SUCCEEDED), "", answer.text, 0.0
        if isinstance(answer, DeclinedError):
            return Event.DECLINED, answer.code, answer.text, 0.0
        if isinstance(answer, PermanentError):
            return Event.FAILED, answer.code, answer.text, 0.0
        delay = self._policy.backoff.delay(job.row.failures + 1)
        if isinstance(answer, TargetDownError):
            if job.started_at - job.row.accepted_at > self._policy.target_patience:
                return Event.EXHAUSTED, "target-down", f"waited too long: {answer.text}", 0.0
            return Event.TARGET_DOWN, "target-down", answer.text, max(delay, self._circuits.wait_seconds(target))
        if job.attempt >= self._policy.max_attempts:
            return Event.EXHAUSTED, answer.code, f"{answer.text} (attempt {job.attempt}, the last)", 0.0
        return Event.TRANSIENT, answer.code, answer.text, delay
