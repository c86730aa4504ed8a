"""Running jobs through an effect: what must not begin is not begun, and every job gets a verdict."""

import asyncio
import logging
from collections.abc import Awaitable, Sequence
from contextlib import AbstractContextManager
from datetime import timedelta

from runtime.clock import Clock
from runtime.errors import MaildeskError, OutcomeUnknownError, PermanentError, TargetDownError, TransientError
from runtime.telemetry import joint_span, passed_on
from schemas.result import Produced
from services.actions.circuit import Circuits
from services.actions.clean import clean_produced
from services.actions.effects.port import DeclinedError, Effect, UnfinishedError
from services.actions.judging import (
    LEASE_SHORT,
    OUTCOME_UNKNOWN,
    Answer,
    Meaning,
    counted_attempts,
    meaning_of,
)
from services.actions.metrics import EFFECT_SECONDS
from services.actions.model import Job, Verdict
from services.actions.policy import Policy
from services.actions.standing import Standing
from services.actions.states import SUPERSEDED, Event, State

log = logging.getLogger(__name__)


class Executor:
    """Does jobs of one type. It never raises for what a target does."""

    def __init__(self, effect: Effect, policy: Policy, circuits: Circuits, standing: Standing, clock: Clock) -> None:
        self._effect = effect
        self._policy = policy
        self._circuits = circuits
        self._standing = standing
        self._clock = clock

    async def run(self, jobs: Sequence[Job]) -> list[Verdict]:
        """One verdict per job."""
        answers = {index: answer for index, job in enumerate(jobs) if (answer := await self._before(job)) is not None}
        # Looking at the others took time, which this job's lease may not have any more.
        answers |= {i: short for i, job in enumerate(jobs) if i not in answers and (short := self._short(job))}
        to_do = [index for index in range(len(jobs)) if index not in answers]
        if to_do:
            answers |= dict(zip(to_do, await self._do([jobs[index] for index in to_do]), strict=True))
        return [self._verdict(job, answers[index]) for index, job in enumerate(jobs)]

    async def _before(self, job: Job) -> Answer | None:
        """An answer that needs no acting: switched off, a dry run, a target that is down, or done before."""
        if job.row.state is State.SENDING:
            return self._short(job) or await self._looked(job)
        refusal = self._standing.refusal(job)
        if refusal is not None and not job.tried:
            return refusal
        if (short := self._short(job)) is not None:
            return short
        target = self._effect.target(job.command)
        if not self._circuits.allow(target):
            return TargetDownError(self._circuits.reason(target), code="target-down")
        if job.command.dry_run:
            return refusal or await self._asked(job, self._effect.plan(job))
        found = await self._asked(job, self._effect.find(job)) if job.tried else None
        if found is None and refusal is None:
            return self._given_up(job)
        return found or refusal

    async def _looked(self, job: Job) -> Answer:
        """Whether one that was sending has acted. What it looks at is not its target, whose circuit has no say."""
        text = "whether the message was taken is not known; it is not sent again"
        return await self._answered(self._effect.find(job)) or PermanentError(text, code=OUTCOME_UNKNOWN)

    def _given_up(self, job: Job) -> MaildeskError | None:
        """A look that has found nothing, where no attempt is left."""
        if job.row.wait_reason == SUPERSEDED:
            why = "a later command of the conversation waited too long behind it"
            if job.tried and job.command.undoes is not None:  # nothing on a target tells that it was taken back
                return PermanentError(f"{why}; whether it was taken back is unknown", code=OUTCOME_UNKNOWN)
            return DeclinedError(why, code=SUPERSEDED)
        if job.attempt > self._policy.max_attempts:
            return TransientError("whether the last attempt has acted is unknown", code=OUTCOME_UNKNOWN)
        return None

    def may_begin(self, job: Job) -> bool:
        """Whether the effect's whole time-out fits into what is left of the lease."""
        return self._effect.seconds <= job.lease_ends - self._clock.monotonic()

    def _short(self, job: Job) -> MaildeskError | None:
        if self.may_begin(job):
            return None
        return TargetDownError("too little of the lease is left to begin", code=LEASE_SHORT)

    async def _asked(self, job: Job, question: Awaitable[Produced | None]) -> Answer | None:
        answer = await self._answered(question)
        if answer is not None:
            self._report([job], [answer])
        return answer

    async def _answered(self, question: Awaitable[Produced | None]) -> Answer | None:
        try:
            async with asyncio.timeout(self._effect.seconds):
                return await question
        except Exception as error:
            return self._translated(error)

    async def _do(self, jobs: Sequence[Job]) -> list[Answer]:
        answers: list[Answer]
        try:
            with EFFECT_SECONDS.labels(type=self._effect.type).time(), self._span(jobs):
                async with asyncio.timeout(self._effect.seconds):
                    answers = list(await self._effect.do(jobs))
        except Exception as error:
            answers = [self._translated(error)] * len(jobs)
        self._report(jobs, answers)
        return answers

    def _span(self, jobs: Sequence[Job]) -> AbstractContextManager[None]:
        return joint_span(
            f"effect {self._effect.type}",
            [job.row.headers for job in jobs],
            attributes={"maildesk.commands": len(jobs)},
        )

    def _report(self, jobs: Sequence[Job], answers: Sequence[Answer]) -> None:
        """Tell the targets' circuits: once per call, however many jobs it carried."""
        silent: dict[str, str] = {}
        targets = [self._effect.target(job.command) for job in jobs]
        for target, answer in zip(targets, answers, strict=True):
            if isinstance(answer, TargetDownError | OutcomeUnknownError) and not isinstance(answer, UnfinishedError):
                silent[target] = answer.text
        for target in dict.fromkeys(targets):
            if target in silent:
                self._circuits.failed(target, silent[target])
            else:
                self._circuits.answered(target)

    def _translated(self, error: Exception) -> MaildeskError:
        if isinstance(error, MaildeskError):
            return error
        if isinstance(error, TimeoutError):
            return OutcomeUnknownError(f"no answer within {self._effect.seconds:.0f} s", code="time-out")
        log.error("an effect raised what it should not", extra={"type": self._effect.type}, exc_info=error)
        return TransientError(f"internal error: {type(error).__name__}", code="internal-error")

    def _verdict(self, job: Job, answer: Answer) -> Verdict:
        target_wait = self._circuits.wait_seconds(self._effect.target(job.command))
        meaning = meaning_of(job, answer, self._policy, target_wait)
        return Verdict(
            row=job.row.come_to(job.stage.state),
            event=meaning.event,
            fence=job.fence,
            attempt=counted_attempts(job, meaning.event, self._policy),
            started_at=job.started_at,
            produced=clean_produced(answer) if isinstance(answer, Produced) else _left_behind(meaning),
            reason=meaning.reason,
            text=meaning.text,
            wait=timedelta(seconds=meaning.wait),
            records=job.records,
            trace=self._trace(job),
            uri=job.uri,
        )

    def _trace(self, job: Job) -> dict[str, str]:
        return passed_on(
            f"action {self._effect.type}",
            job.row.headers,
            started=job.started_at,
            attributes={"maildesk.command_id": str(job.row.command_id), "maildesk.attempt": job.attempt},
        )


def _left_behind(meaning: Meaning) -> Produced:
    """Who finds the claim of one that may have acted learns that."""
    return Produced(text=meaning.text) if meaning.event is Event.UNKNOWN else Produced()
