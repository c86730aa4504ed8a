"""Every effect on everything that it can act on: mailboxes and servers in memory and on disk, the stand-in in both of
its protocols, and a real Odoo when ODOO_URL, ODOO_DB, ODOO_LOGIN and ODOO_PASSWORD are set.
"""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from connectors.odoo.errors import ModelMissingError
from connectors.odoo.standin.apps import App
from tests.contract.effects.benches import ON_MAIL, Bench, MailBench, OdooBench, ReplyBench, mail_rigs
from tests.contract.effects.cases import IN_ODOO, clean
from tests.contract.odoo.conftest import Site, pretending, real
from tests.integration.actions.desks import OdooDesk

__all__ = ["real"]

SITES = ("standin", "standin_json_2", "real")
APPS: tuple[App, ...] = ("crm", "helpdesk_mgmt")
COMBINATIONS = [
    *((kind, place) for kind in ON_MAIL for place in ("memory", "disk")),
    *((name, site) for name in IN_ODOO for site in SITES),
    ("auto_reply", "memory"),
]


@pytest.fixture
async def standin() -> AsyncIterator[Site]:
    """Odoo 17 with all apps that there is an action for."""
    async with pretending(apps=APPS) as site:
        yield site


@pytest.fixture
async def standin_json_2() -> AsyncIterator[Site]:
    """The same as Odoo 19, over JSON-2."""
    async with pretending(major=19, apps=APPS) as site:
        yield site


@pytest.fixture(params=COMBINATIONS, ids=["-".join(each) for each in COMBINATIONS])
def combination(request: pytest.FixtureRequest) -> tuple[str, str, Site | None]:
    """The effect of this round, where it acts, and the Odoo if it does so there."""
    name, place = request.param
    return name, place, request.getfixturevalue(place) if name in IN_ODOO else None


@pytest.fixture
async def bench(combination: tuple[str, str, Site | None], tmp_path: Path) -> AsyncIterator[Bench]:
    """The effect, and what it acts on."""
    name, place, site = combination
    if site is not None:
        await _require(site, IN_ODOO[name].needs)
        made = OdooBench(name, OdooDesk(site))
        yield made
        await clean(made.desk)
        await made.nobody.close()
    else:
        yield ReplyBench() if name == "auto_reply" else MailBench(name, *mail_rigs(place, tmp_path))


async def _require(site: Site, model: str) -> None:
    try:
        await site.odoo.fields_get(model)
    except ModelMissingError:
        pytest.skip(f"this Odoo has no {model}")
