"""The step before what cannot be asked about afterwards: it is written down first, or it is not done."""

from runtime.errors import MaildeskError, TransientError
from services.actions.model import Job
from services.actions.port import Store
from services.actions.states import Event, transition


class Sending:
    """Takes jobs from `running` to `sending`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def begin(self, job: Job) -> None:
        """After this the job may act, once. Raises TransientError when it must not: nothing was done then.

        Whoever lost the lease cannot come here any more, so a worker that was taken for dead sends nothing late.
        """
        before = job.stage.state
        after = transition(before, Event.SENDING).state
        try:
            async with self._store.unit() as unit:
                marked = await unit.advance([(job.row.command_id, job.fence, before, after)])
        except MaildeskError as error:
            text = f"it could not be written down that it is about to send: {error.text}"
            raise TransientError(text, code="not-written-down") from error
        if not marked:
            raise TransientError("its lease ran out before it could send", code="lease-lost")
        job.stage.state = after
