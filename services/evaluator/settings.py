"""Settings of the evaluator."""

from typing import ClassVar

from pydantic import Field

from runtime.settings import ServiceSettings


class EvaluatorSettings(ServiceSettings):
    """What the evaluator reads from the environment."""

    service: ClassVar[str] = "evaluator"

    evaluator_batch: int = Field(default=2_000, ge=1, le=10_000, description="events the evaluator takes at once")
    evaluator_backlog_batch: int = Field(
        default=500,
        ge=1,
        le=10_000,
        description="the same for replays and backlogs; smaller, so that live mail goes first",
    )
    evaluator_send_tries: int = Field(
        default=5, ge=1, le=100, description="how often a batch is published before the evaluator gives up and exits"
    )
