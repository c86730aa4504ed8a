"""Each test runs on the stand-in, and on a real Odoo when ODOO_URL, ODOO_DB, ODOO_LOGIN, ODOO_PASSWORD are set."""

import os
import uuid
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from aiohttp.test_utils import TestServer

from connectors.odoo.channel import Limits
from connectors.odoo.client import OdooClient, open_odoo
from connectors.odoo.loading import Patience
from connectors.odoo.port import Loaded, Odoo, OdooAccount, Refused
from connectors.odoo.standin import StandIn, create_app
from connectors.odoo.standin.apps import USUAL, App
from connectors.odoo.version import FIRST_JSON_2
from runtime.backoff import Backoff

SETTINGS = ("ODOO_URL", "ODOO_DB", "ODOO_LOGIN", "ODOO_PASSWORD")
_READER_RIGHTS = "maildesk_contract.readers"
CLEANED = ("mail.alias", "mail.message", "crm.lead", "crm.tag", "res.partner", "res.partner.category")


@dataclass
class Site:
    """One Odoo under test. `prefix` is the module of the external ids that this test makes."""

    account: OdooAccount
    odoo: Odoo
    prefix: str
    standin: StandIn | None

    def xid(self, name: str) -> str:
        return f"{self.prefix}.{name}"

    async def lead(self, name: str, **values: Any) -> int:
        """Load one lead under this external id and give its database id."""
        return await self.record("crm.lead", name, name=name, **values)

    async def record(self, model: str, external_name: str, **values: Any) -> int:
        """Load one record; `user_id__id` stands for the column "user_id/.id"."""
        fields = ["id", *(key.replace("__", "/.") for key in values)]
        outcome = await self.odoo.load(model, fields, [[self.xid(external_name), *values.values()]])
        (result,) = outcome.results
        assert isinstance(result, Loaded), result
        return result.id

    async def one(self, model: str, record: int, *fields: str) -> dict[str, Any]:
        (found,) = await self.odoo.search_read(model, [["id", "=", record]], fields, limit=2)
        return found


def connect(account: OdooAccount, *, seconds: float = 60.0, concurrency: int = 2) -> OdooClient:
    """A client that hardly waits between its tries."""
    patience = Patience(backoff=Backoff(first=0.05, longest=0.2))
    return open_odoo(account, Limits(call_seconds=seconds, concurrency=concurrency), patience=patience)


@asynccontextmanager
async def pretending(major: int = 17, apps: Collection[App] = USUAL) -> AsyncIterator[Site]:
    """A stand-in of that version with those apps."""
    standin = StandIn(major=major, apps=apps)
    async with TestServer(create_app(standin)) as server:
        account = OdooAccount(str(server.make_url("")), "maildesk", "admin", "admin")
        odoo = connect(account)
        yield Site(account, odoo, _prefix(), standin)
        await odoo.close()


@pytest.fixture
async def pretend() -> AsyncIterator[Site]:
    """The stand-in alone, for faults that cannot be ordered from a real Odoo."""
    async with pretending() as site:
        yield site


@pytest.fixture
async def pretend_json_2() -> AsyncIterator[Site]:
    """The stand-in as Odoo 19, which is spoken to over JSON-2."""
    async with pretending(major=19) as site:
        yield site


@pytest.fixture
async def real() -> AsyncIterator[Site]:
    missing = [name for name in SETTINGS if not os.environ.get(name)]
    if missing:
        pytest.skip(f"no real Odoo: {', '.join(missing)} not set")
    prefix = _prefix()
    account = OdooAccount(*(os.environ[name] for name in SETTINGS))
    odoo = connect(account)
    yield Site(account, odoo, prefix, None)
    await _clean(odoo, prefix)
    await odoo.close()


@pytest.fixture(params=["pretend", "pretend_json_2", "real"])
def site(request: pytest.FixtureRequest) -> Site:
    """The Odoo of this round."""
    site: Site = request.getfixturevalue(request.param)
    return site


@pytest.fixture
async def reader(site: Site) -> AsyncIterator[Odoo]:
    """A user of the same Odoo who may read leads but not create them."""
    if site.standin is None:
        if (await site.odoo.version()).major >= FIRST_JSON_2:
            pytest.skip("JSON-2 takes API keys, and only their own user can make one, on Odoo's pages")
        await _make_reader(site.odoo)
    odoo = connect(OdooAccount(site.account.url, site.account.database, "reader", "reader"))
    yield odoo
    await odoo.close()


def _prefix() -> str:
    return f"maildesk_{uuid.uuid4().hex[:12]}"


async def _make_reader(odoo: Odoo) -> None:
    async def load(model: str, fields: list[str], row: list[str | bool]) -> None:
        (result,) = (await odoo.load(model, ["id", *fields], [row])).results
        assert not isinstance(result, Refused), result

    await load("res.groups", ["name"], [_READER_RIGHTS, "MailDesk contract: readers"])
    rights = ["name", "model_id/id", "group_id/id", "perm_read", "perm_write", "perm_create", "perm_unlink"]
    row: list[str | bool] = ["maildesk_contract.rights", "readers", "crm.model_crm_lead", _READER_RIGHTS, True]
    await load("ir.model.access", rights, [*row, False, False, False])
    groups = f"base.group_user,{_READER_RIGHTS}"
    row = ["maildesk_contract.reader", "Reader", "reader", "reader", "reader@company.example", groups]
    await load("res.users", ["name", "login", "password", "email", "groups_id/id"], row)


async def _clean(odoo: Odoo, prefix: str) -> None:
    made = await odoo.search_read("ir.model.data", [["module", "=", prefix]], ["model", "res_id"], limit=1000)
    for model in CLEANED:
        ids = [row["res_id"] for row in made if row["model"] == model]
        if ids:
            await odoo.call(model, "unlink", [ids])
