"""Doing jobs one after the other on one target, within the time that an effect has."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

from runtime.errors import MaildeskError, OutcomeUnknownError, PermanentError, TargetDownError, TransientError
from schemas.result import Produced
from services.actions.model import Job

log = logging.getLogger(__name__)
SPARE_SECONDS = 5.0

Answer = Produced | MaildeskError


async def one_by_one(
    jobs: Sequence[Job], act: Callable[[Job], Awaitable[Answer]], seconds: float, target: str
) -> list[Answer]:
    """An answer for each job, in order. Once the target is down the rest need not find out for themselves.

    It ends a little before `seconds`, so that a slow target loses its own answers only.
    """
    answers: list[Answer] = []
    try:
        async with asyncio.timeout(seconds - SPARE_SECONDS):
            for job in jobs:
                answer = await _answered(job, act)
                answers.append(answer)
                if isinstance(answer, TargetDownError):
                    return answers + [answer] * (len(jobs) - len(answers))
    except TimeoutError:
        text = f"{target} gave no answer within {seconds - SPARE_SECONDS:.0f} s"
        answers.append(OutcomeUnknownError(text, code="time-out"))
        answers += [TargetDownError(text, code="target-slow")] * (len(jobs) - len(answers))
    return answers


async def _answered(job: Job, act: Callable[[Job], Awaitable[Answer]]) -> Answer:
    try:
        return await act(job)
    except (PermanentError, TransientError) as error:
        return error
    except TimeoutError:
        raise
    except Exception as error:
        log.exception("an effect raised what it should not", extra={"type": job.command.type})
        return TransientError(f"internal error: {type(error).__name__}", code="internal-error")
