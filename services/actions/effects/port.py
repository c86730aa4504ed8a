"""What an action type is: how to plan it, to see whether it was done, and to do it."""

from collections.abc import Sequence
from typing import Protocol

from runtime.errors import MaildeskError, OutcomeUnknownError, PermanentError
from schemas.command import ActionCommand
from schemas.result import Produced
from services.actions.model import Job
from services.actions.undone import Acted


class DeclinedError(PermanentError):
    """The action need not or must not happen; the command ends `skipped` with this code and text."""

    default_code = "declined"


class LastingError(DeclinedError):
    """What an action did stays: it cannot be taken back."""

    default_code = "not-undoable"


class NotKnownError(DeclinedError):
    """What an action really changed was not written down, so nothing is taken back on a guess."""

    default_code = "not-known"


class UnansweredError(OutcomeUnknownError):
    """Nothing on the other side keeps a repeat from acting twice, and the first call may still be carried out there.

    It is looked for, and tried again, when that is over: a lease is longer than the other side's own limit.
    """

    default_code = "unanswered"


def may_still_run(answer: Produced | MaildeskError) -> Produced | MaildeskError:
    """The answer of an effect that is not keyed."""
    return UnansweredError(answer.text, code=answer.code) if isinstance(answer, OutcomeUnknownError) else answer


class UnfinishedError(OutcomeUnknownError):
    """Of a command that is `sending`: it has acted, and something that belongs to it is still to be done elsewhere.

    Its target is not to blame.
    """

    default_code = "unfinished"


class Effect(Protocol):
    """One action type. `do` must be safe to repeat after a crash at any point, given that `find` was asked before.

    type:     the action type of its commands.
    batch:    how many commands `do` takes at most.
    seconds:  the longest that one `do` may take; it must fit into the lease.
    keyed:    a repeat cannot act twice, whatever the first try still does (a unique key, or it is idempotent);
              then a restarted worker takes its own work up again without waiting for the lease to end.
    shared_target: the one target of all its commands, if there is one: while that is down, reading pauses.

    An effect also has, for the reference (docs/reference/actions.md), `needs`: what must be there on the other side;
    `repeat`: by what an earlier attempt is recognised; and `undone`: what an undo does.
    """

    type: str
    batch: int
    seconds: float
    keyed: bool
    shared_target: str | None

    def target(self, command: ActionCommand) -> str:
        """What it acts on, such as `mailbox:support` or `odoo`: the unit that can be down, and half of the lane."""

    def record_subjects(self, command: ActionCommand) -> tuple[str, ...]:
        """The claims, besides its own, of a record that several commands must share."""

    async def plan(self, job: Job) -> Produced:
        """Dry run: what it would do. Touches nothing. Raises as `do` would where that can be known."""

    async def find(self, job: Job) -> Produced | None:
        """What an earlier attempt left behind, if it can be seen; asked before every repeated attempt."""

    async def do(self, jobs: Sequence[Job]) -> list[Produced | MaildeskError]:
        """Act; one answer per job, in order."""

    async def probe(self) -> None:
        """Whether a target that all commands share answers again. Raises TargetDownError while it does not."""


class Undoable(Effect, Protocol):
    """An action type that says what an undo of it means; one whose traces stay says so too (LastingError)."""

    async def undo(self, job: Job, acted: Acted, *, dry_run: bool) -> Produced:
        """Take back what this job's command did, as far as it is still there as it was left; safe to repeat.

        `acted` is the truth of what it did. With `dry_run`: say what would be taken back; touch nothing. Raises
        DeclinedError where it cannot, or must not, be taken back, and says why.
        """
