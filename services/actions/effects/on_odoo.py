"""What all effects on Odoo share: one target, its probe, and answers that each command gets for itself."""

import html
from abc import ABC, abstractmethod
from collections.abc import Sequence

from connectors.odoo.errors import usable_without
from connectors.odoo.port import Loaded, Refused
from runtime.errors import MaildeskError, PermanentError
from schemas.command import ActionCommand
from schemas.result import Produced
from services.actions.effects.odoo_site import OdooSite
from services.actions.effects.port import LastingError
from services.actions.model import Job
from services.actions.undone import Acted


class OdooEffect(ABC):
    """An effect in one Odoo database. Its calls go as the API user, who is the author of what is written."""

    type: str
    batch = 50
    seconds = 100.0
    keyed = True
    shared_target: str | None = "odoo"
    needs: str
    repeat = "an external id made from the idempotency key, which is unique in Odoo"
    undone = "nothing: what it wrote stays"
    stays = "what it did stays"
    """Why an undo does nothing, for those that cannot be taken back."""

    def __init__(self, site: OdooSite) -> None:
        self._site = site

    @abstractmethod
    async def plan(self, job: Job) -> Produced:
        """See Effect."""

    @abstractmethod
    async def find(self, job: Job) -> Produced | None:
        """See Effect."""

    @abstractmethod
    async def do(self, jobs: Sequence[Job]) -> list[Produced | MaildeskError]:
        """See Effect."""

    async def undo(self, job: Job, acted: Acted, *, dry_run: bool) -> Produced:
        """See Undoable."""
        del job, acted, dry_run
        raise LastingError(self.stays)

    def target(self, command: ActionCommand) -> str:
        del command
        return "odoo"

    def record_subjects(self, command: ActionCommand) -> tuple[str, ...]:
        del command
        return ()

    async def probe(self) -> None:
        await self._site.odoo.version()
        try:
            # With the login: one that is refused is down too.
            await self._site.odoo.search_read("res.users", [], ["id"], limit=1)
        except PermanentError as error:
            usable_without(error)


def refusal(refused: Refused) -> PermanentError:
    """A row that Odoo's `load` does not take, in Odoo's words."""
    return PermanentError(f"Odoo refused it: {html.unescape(refused.text)}", code="odoo-refused")


def loaded_id(result: Loaded | Refused) -> int:
    """The record of a row. Raises PermanentError for one that Odoo refused."""
    if isinstance(result, Refused):
        raise refusal(result)
    return result.id
