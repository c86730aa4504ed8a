"""A message that Odoo cannot send does not hold back those around it."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any, cast

from connectors.mailbox.limits import ReadLimits
from connectors.mailbox.odoo_places import places
from connectors.mailbox.odoo_scan import OdooHost, OdooScan
from connectors.mailbox.odoo_sides import FOLDERS
from connectors.mailbox.port import Unreadable
from connectors.odoo.port import Odoo
from runtime.clock import FakeClock
from runtime.errors import OutcomeUnknownError
from schemas.ids import external_id, reply_message_id
from schemas.odoo_source import OdooSource

CREATED = "2026-03-01 12:00:00"


class OneTooBig:
    """Three messages; the body of the second never comes in time."""

    async def fields_get(self, _model: str) -> dict[str, dict[str, Any]]:
        return {name: {} for name in ("message_id", "subject", "email_from", "create_date", "body", "model", "res_id")}

    async def search_read(
        self, _model: str, domain: Sequence[Any], fields: Sequence[str], *, limit: int, order: str
    ) -> list[dict[str, Any]]:
        assert (limit > 0, order) == (True, "id")
        leaves = [leaf for leaf in domain if not isinstance(leaf, str)]
        (ids,) = [value for name, how, value in leaves if (name, how) == ("id", "in")] or [None]
        after = max([value for name, how, value in leaves if (name, how) == ("id", ">")], default=0)
        chosen = [each for each in (1, 2, 3) if each > after and (ids is None or each in ids)]
        if "body" in fields and 2 in chosen:
            raise OutcomeUnknownError("Odoo did not answer in time", code="odoo-outcome-unknown")
        texts = dict.fromkeys(fields, "") | {"create_date": CREATED, "email_from": "a@b.example", "body": "<p>Hi</p>"}
        return [texts | {"id": each, "message_id": f"<{each}@b.example>"} for each in chosen]

    async def call(self, _model: str, method: str, _args: Sequence[Any]) -> Any:
        return {"search_count": 0, "get_external_id": {}}[method]


async def test_one_that_cannot_be_sent_is_given_as_unreadable_and_the_cursor_goes_past_it() -> None:
    clock = FakeClock(datetime(2026, 3, 2, tzinfo=UTC))
    scan = OdooScan(OdooSource(kind="odoo"), clock, ReadLimits())
    host = OdooHost(cast("Odoo", OneTooBig()), "db", "admin")
    batches = [batch async for batch in scan.batches(host, FOLDERS[0], None)]
    given = [message for batch in batches for message in batch.messages]
    assert [message.position.uid for message in given] == ["1", "2", "3"]
    assert [isinstance(message, Unreadable) for message in given] == [False, True, False]
    assert batches[-1].cursor == "3@db"


async def test_places_are_those_of_a_scan_and_no_body_is_asked_for() -> None:
    source, host = OdooSource(kind="odoo"), OdooHost(cast("Odoo", OneTooBig()), "my db", "admin")
    clock = FakeClock(datetime(2026, 3, 2, tzinfo=UTC))
    found = [place async for page in places(host, source, FOLDERS[0], None) for place in page]
    scanned = OdooScan(source, clock, ReadLimits()).batches(host, FOLDERS[0], None)
    assert [place.position for place in found] == [m.position async for batch in scanned for m in batch.messages]
    again = OdooScan(source, clock, ReadLimits()).batches(host, FOLDERS[0], found[2].before)
    assert [m.position.uid async for batch in again for m in batch.messages] == ["3"]


class WithOurs(OneTooBig):
    """The first has an external id of ours, the third a Message-ID of ours."""

    async def search_read(
        self, _model: str, domain: Sequence[Any], fields: Sequence[str], *, limit: int, order: str
    ) -> list[dict[str, Any]]:
        rows = await super().search_read(_model, domain, fields, limit=limit, order=order)
        return [row | ({"message_id": reply_message_id("key", "b.example")} if row["id"] == 3 else {}) for row in rows]

    async def call(self, _model: str, method: str, _args: Sequence[Any]) -> Any:
        return {"search_count": 0, "get_external_id": {"1": external_id("mail.message", "key")}}[method]


async def test_what_we_wrote_ourselves_has_no_place() -> None:
    host = OdooHost(cast("Odoo", WithOurs()), "db", "admin")
    found = places(host, OdooSource(kind="odoo"), FOLDERS[0], date(2026, 3, 1))
    assert [place.position.uid async for page in found for place in page] == ["2"]
