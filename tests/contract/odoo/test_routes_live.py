"""A mail's record is the one on which a real Odoo's own gateway puts it."""

import pytest

from connectors.odoo.port import Post
from connectors.odoo.routing import Thread, find_records
from tests.contract.odoo.conftest import Site


def raw(site: Site, number: int, thread: Thread) -> str:
    lines = [
        f"Message-ID: <{site.prefix}-mail-{number}@x.example>",
        f"From: route{number}@{site.prefix.replace('_', '-')}.example",
        "To: nobody@x.example",
        "Subject: A route",
        *([f"References: {' '.join(thread.references)}"] if thread.references else []),
        *([f"In-Reply-To: {' '.join(thread.in_reply_to)}"] if thread.in_reply_to else []),
    ]
    return "\n".join([*lines, "", "Text", ""])


async def test_the_same_record_as_odoos_gateway(site: Site) -> None:
    if site.standin is not None:
        pytest.skip("only a real Odoo has a gateway that decides")
    leads = [await site.lead(name) for name in ("first", "second", "third")]
    ids = [f"<{site.prefix}-{number}@x.example>" for number in range(3)]
    for lead, message_id in zip(leads, ids, strict=True):
        await site.odoo.message_post("crm.lead", lead, Post(message_id, "<p>Hello</p>"))
    unknown = f"<{site.prefix}-unknown@x.example>"
    threads = [
        Thread(references=ids),
        Thread(references=ids[::-1]),
        Thread(references=[ids[1], ids[0], unknown]),
        Thread(references=[unknown], in_reply_to=[ids[0]]),
        Thread(references=[ids[0]], in_reply_to=[ids[2]]),
        Thread(in_reply_to=[ids[1]]),
        Thread(in_reply_to=[unknown]),
        Thread(),
    ]
    ours = await find_records(site.odoo, threads)
    theirs: list[int] = []
    try:
        for number, thread in enumerate(threads):
            given = ["crm.lead", raw(site, number, thread)]
            theirs.append(await site.odoo.call("mail.thread", "message_process", given))
    finally:
        if made := [lead for lead in theirs if lead not in leads]:
            await site.odoo.call("crm.lead", "unlink", [made])
    assert [("crm.lead", lead) if lead in leads else None for lead in theirs] == ours
    assert ours.count(None) == 3
