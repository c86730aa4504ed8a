"""Posts carry a Message-ID that finds them again."""

import pytest

from connectors.odoo.port import Odoo, Post
from runtime.errors import PermanentError
from tests.contract.odoo.conftest import Site


async def test_a_post_is_found_by_its_message_id_and_not_repeated(site: Site) -> None:
    lead = await site.lead("talked-about")
    message_id = f"<{site.prefix}.1@maildesk.invalid>"
    assert await site.odoo.find_message(message_id) is None
    post = Post(message_id, "<p>Seen by <b>rule 7</b> &amp; tagged</p>", subject="Note")
    first = await site.odoo.message_post("crm.lead", lead, post)
    assert await site.odoo.find_message(message_id) == first
    assert await site.odoo.message_post("crm.lead", lead, post) == first
    fields = ["message_id", "body", "model", "res_id", "subtype_id", "message_type", "subject", "author_id"]
    read = await site.one("mail.message", first, *fields)
    assert (read["message_id"], read["model"], read["res_id"]) == (message_id, "crm.lead", lead)
    assert read["body"] == "<p>Seen by <b>rule 7</b> &amp; tagged</p>"
    assert read["subtype_id"][1] == "Note"
    assert (read["message_type"], read["subject"]) == ("comment", "Note")
    assert read["author_id"]
    domain = [["model", "=", "crm.lead"], ["res_id", "=", lead], ["message_id", "=", message_id]]
    assert await site.odoo.call("mail.message", "search_count", [domain]) == 1


async def test_another_subtype_and_author(site: Site) -> None:
    lead = await site.lead("discussed")
    author = await site.record("res.partner", "author", name="Paula", email="paula@x.example")
    message_id = f"<{site.prefix}.2@maildesk.invalid>"
    post = Post(message_id, "<p>Hello</p>", subtype="mail.mt_comment", author_id=author, email_from="paula@x.example")
    read = await site.one(
        "mail.message", await site.odoo.message_post("crm.lead", lead, post), "author_id", "email_from", "subtype_id"
    )
    assert read["author_id"] == [author, "Paula"]
    assert read["email_from"] == "paula@x.example"
    assert read["subtype_id"][1] == "Discussions"


async def test_posting_on_a_deleted_record(site: Site) -> None:
    lead = await site.lead("gone")
    await site.odoo.call("crm.lead", "unlink", [[lead]])
    with pytest.raises(PermanentError) as caught:
        await site.odoo.message_post("crm.lead", lead, Post(f"<{site.prefix}.3@maildesk.invalid>", "<p>Hi</p>"))
    assert caught.value.code == "odoo-missing"


async def test_a_reader_may_not_post(site: Site, reader: Odoo) -> None:
    lead = await site.lead("quiet")
    with pytest.raises(PermanentError) as caught:
        await reader.message_post("crm.lead", lead, Post(f"<{site.prefix}.4@maildesk.invalid>", "<p>Hi</p>"))
    assert caught.value.code == "odoo-access"
