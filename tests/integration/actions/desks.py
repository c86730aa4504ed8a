"""Mails of one test in an Odoo that others use too: the stand-in, and a real one when ODOO_URL and so on are set."""

import uuid
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from schemas.command import ActionCommand
from schemas.result import Produced
from services.actions.effects.odoo_site import OdooSite
from services.actions.model import Job
from tests.contract.odoo.conftest import Site
from tests.unit.services.actions.fakes import job
from tests.unit.services.actions.making import command, mail


@pytest.fixture(params=["pretend", "pretend_json_2", "real"])
def site(request: pytest.FixtureRequest) -> Site:
    """The Odoo of this round."""
    found: Site = request.getfixturevalue(request.param)
    return found


class OdooDesk:
    """Commands for mails of one test, and what is in Odoo."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.tag = uuid.uuid4().hex[:8]
        self.shared = OdooSite(site.odoo, site.account.url, site.account.database)

    def ident(self, number: int) -> str:
        """The Message-ID of the n-th mail."""
        return f"<{number}.{self.tag}@example.org>"

    def wanted(
        self, action: dict[str, Any], number: int = 1, *references: int, rule: str = "r1", **facts: Any
    ) -> ActionCommand:
        """A command for the n-th mail, which answers these."""
        event = mail(
            number,
            **{
                "event_id": uuid.uuid5(uuid.NAMESPACE_DNS, f"{self.tag}/{number}/{facts.get('mailbox', '')}"),
                "message_id": self.ident(number),
                "references": tuple(map(self.ident, references)),
                "subject": f"Offer {self.tag}",
                **facts,
            },
        )
        return command(event, {"id": "act", **action}, rule=rule)

    async def found(self, model: str, domain: Sequence[Any], *fields: str) -> list[dict[str, Any]]:
        """Records, by id."""
        return await self.site.odoo.search_read(model, list(domain), fields, limit=50, order="id")

    async def remove(self, model: str, ids: Sequence[int]) -> None:
        """Delete what the test made."""
        if ids:
            await self.site.odoo.call(model, "unlink", [list(ids)])

    async def remove_messages(self, ids: Sequence[int]) -> None:
        """Messages without a record cannot be deleted: they get one first."""
        if ids:
            (user,) = await self.found("res.users", [["login", "=", self.site.account.login]], "partner_id")
            values = {"model": "res.partner", "res_id": user["partner_id"][0], "message_type": "comment"}
            await self.site.odoo.call("mail.message", "write", [list(ids), values])
            await self.remove("mail.message", ids)


def after(given: ActionCommand, existing: Produced) -> Job:
    """A job whose conversation has this."""
    return replace(job(given), existing=existing)
