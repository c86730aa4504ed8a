"""What a process may record: the leases that it believes to have, which the ledger compares with Postgres."""

from collections.abc import Mapping

from runtime.errors import TransientError


class LeaseLostError(TransientError):
    """The mailbox is another process's by now; what was read of it here is not recorded."""

    default_code = "lease-lost"


class Fences:
    """The fence of each lease of one worker, as its last look told."""

    def __init__(self, worker: str) -> None:
        self._worker = worker
        self._held: Mapping[str, int] = {}

    def hold(self, held: Mapping[str, int]) -> None:
        """These, by mailbox, and no others."""
        self._held = dict(held)

    def of(self, mailbox: str) -> tuple[str, int]:
        """The worker and the fence to compare; a fence that there never was when the mailbox is not held."""
        return self._worker, self._held.get(mailbox, -1)
