"""The table asked anew of the Odoo that ODOO_URL names, and nothing of it left there."""

from connectors.odoo.routing_book import read_routing_book
from connectors.odoo.standin import StandIn
from tests.contract.odoo.conftest import Site, pretending
from tests.contract.odoo.routes.recording import record
from tests.contract.odoo.routes.replay import deviations, furnish


async def test_we_predict_what_odoo_does_now(real: Site) -> None:
    before = await read_routing_book(real.odoo)
    recording = await record(real.odoo)
    assert await read_routing_book(real.odoo) == before
    found: list[str] = []
    for name, world in recording.items():
        async with pretending(major=world["major"]) as site:
            assert isinstance(site.standin, StandIn)
            furnish(site.standin, world["rows"])
            found += await deviations(site.odoo, name, world)
    assert found == []
    assert sum(len(world["answers"]) for world in recording.values()) >= 60


async def test_a_book_is_read_over_every_protocol(site: Site) -> None:
    book = await read_routing_book(site.odoo)
    assert book.major >= 17
    assert book.unread == ()
