"""What the recorded table does not tell: the words, hostile mail, hints, and how long a book is kept."""

from datetime import UTC, datetime

import pytest

from connectors.odoo.routing_book import RoutingBook, RoutingBooks, read_routing_book
from connectors.odoo.routing_hints import hints
from connectors.odoo.routing_mail import GatewayMail, read_gateway_mail, split_addresses
from connectors.odoo.routing_outcome import Outcome
from connectors.odoo.routing_prediction import Gateway
from runtime.clock import FakeClock
from runtime.errors import TargetDownError
from tests.unit.connectors.odoo.office import Office

_NAMES = {"bounce_alias": "bounce", "catchall_alias": "catchall"}
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


async def _office() -> Office:
    office = Office()
    (model,) = await office.odoo.search_read("ir.model", [["model", "=", "crm.lead"]], ["id"], limit=1)
    domain = await office.create(
        "mail.alias.domain", name="x.example", bounce_alias="bounce", catchall_alias="catchall"
    )
    alias = {"alias_name": "support", "alias_full_name": "support@x.example", "alias_model_id": model["id"]}
    await office.create("mail.alias", alias_domain_id=domain, **alias)
    return office


async def _predict(office: Office, raw: str, fallback: str = "") -> tuple[Outcome, str, tuple[str, ...]]:
    gateway = Gateway(office.odoo, await read_routing_book(office.odoo), NOW, fallback)
    found = await gateway.predict(read_gateway_mail(raw.encode()))
    return found.outcome, found.reason, found.steps


async def test_reasons_in_one_line() -> None:
    office = await _office()
    lead = await office.create("crm.lead", name="A lead")
    await office.reply_to(lead, "<a@x.example>")
    assert (await _predict(office, "References: <a@x.example>\n\n"))[1] == f"references → crm.lead {lead}"
    assert (await _predict(office, "In-Reply-To: <a@x.example>\n\n"))[1] == f"in-reply-to → crm.lead {lead}"
    assert (await _predict(office, "To: support@x.example\n\n"))[1] == "alias support → crm.lead"
    assert (await _predict(office, "To: catchall@x.example\n\n"))[1] == "catchall → bounce"
    assert (await _predict(office, "To: a@y.example\n\n", "crm.lead"))[1] == "fallback → crm.lead"


async def test_steps_end_in_the_reason() -> None:
    _, reason, steps = await _predict(await _office(), "References: <n@x.example>\nTo: support@x.example\n\n")
    assert steps == (
        "it is no report of failed delivery, no duplicate, no loop",
        "references: Odoo knows none of its 1 ids",
        "alias support (crm.lead) takes mail of this sender (everyone)",
        f"so: {reason}",
    )


@pytest.mark.parametrize(
    "raw",
    [b"", b"\xff\xfe\0", b"To: \xff@\xfe\n\n", b"From: =?utf-8?b?x?=\nTo: " + b"a" * 100_000, b"To: <<<>>>@@@,,;:\n\n"],
)
def test_malformed_mail_is_read_as_far_as_it_goes(raw: bytes) -> None:
    assert isinstance(read_gateway_mail(raw), GatewayMail)


def test_an_address_beyond_ascii_is_compared_as_odoo_does() -> None:
    mail = read_gateway_mail("To: Jörg <jörg@bücher.example>\n\n".encode())
    assert mail.to == ("jörg@xn--bcher-kva.example",)
    assert split_addresses("Our Support support@x.example") == ["support@x.example"]


def test_old_forms_are_told_as_ignored() -> None:
    mail = read_gateway_mail(
        b"To: purchase+123@x.example, a@x.example\n"
        b"References: <purchase.order-7-1700000000.5@x.example> <1-openerp-9-crm.lead@x.example> <o@x.example>\n\n"
    )
    found = hints(mail, RoutingBook(17))
    assert [(each.model, each.record) for each in found] == [("", 123), ("purchase.order", 7), ("crm.lead", 9)]
    assert all(each.text.startswith("Odoo ignores this form: ") for each in found)


def test_forms_without_end_are_bounded() -> None:
    many = ", ".join(f"a+{n}@x.example" for n in range(500))
    assert len(hints(read_gateway_mail(f"To: {many}\n\n".encode()), RoutingBook(17))) == 10


async def test_a_book_is_kept_for_a_while() -> None:
    office, clock = await _office(), FakeClock()
    books = RoutingBooks(office.odoo, clock, kept_seconds=60.0)
    first = await books.current()
    await office.create("mail.alias.domain", name="y.example", **_NAMES)
    assert await books.current() is first
    clock.advance(61.0)
    assert (await books.current()).domains == ("x.example", "y.example")


async def test_an_odoo_that_is_away_is_no_answer() -> None:
    office = await _office()
    book = await read_routing_book(office.odoo)
    office.line.fail = TargetDownError("away")
    with pytest.raises(TargetDownError):
        await Gateway(office.odoo, book, NOW).predict(read_gateway_mail(b"References: <a@x.example>\n\n"))
