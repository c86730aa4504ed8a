"""Every row leads to its mail, its record and its trace."""

from typing import Any
from urllib.parse import quote

import pytest

from runtime.postgres import Database
from schemas.result import Produced
from tests.integration.audit.samples import TRACE, decision, result
from tests.integration.audit.test_store import entries, store_on

URL = "SELECT mail_url, trace_url, produced_url FROM audit.execution_log_v1"


async def links(database: Database, query: str = URL) -> tuple[Any, ...]:
    row = await database.fetchrow(query)
    assert row is not None
    return tuple(row.values())


@pytest.mark.parametrize("message_id", ["<7@example.org>", "<a+b=$c%/ü ?#&{x}@example.org>", "<>"])
async def test_a_row_links_to_its_mail_and_record(database: Database, message_id: str) -> None:
    store = await store_on(database)
    record = Produced(kind="record", model="crm.lead", res_id=4, url="https://odoo.example/web#id=4&model=crm.lead")
    await store.write(entries(decision(7, message_id=message_id), result(7, message_id=message_id, produced=record)))
    mail = f"mid:{quote(message_id[1:-1], safe='~')}"
    assert await links(database) == (mail, None, record.url)
    assert await links(database, "SELECT mail_url, trace_url FROM audit.decision_log_v1") == (mail, None)


async def test_links_are_made_as_the_settings_say(database: Database) -> None:
    store = await store_on(database)
    await store.write(entries(result(7)))
    await database.execute("UPDATE audit.execution SET trace_id = $1", TRACE)
    await store.set_links(
        "https://mail.example/{mailbox}/?id={message_id}&e={event_id}", "https://t.example/{trace_id}/"
    )
    event = result(7).event_id
    expected = (f"https://mail.example/sales/?id=7%40example.org&e={event}", f"https://t.example/{TRACE}/", None)
    assert await links(database) == expected
    await store.set_links("", "")
    assert await links(database) == (None, None, None)


async def test_a_mail_without_a_message_id_has_no_link_that_needs_one(database: Database) -> None:
    store = await store_on(database)
    await store.write(entries(result(7, message_id=None)))
    assert await links(database) == (None, None, None)
    await store.set_links("https://mail.example/{content_uri}", "")
    assert await links(database) == ("https://mail.example/maildir%3Anew%2F7", None, None)
