"""Own addresses among the recipients: in any case, with a plus part, and where only the server wrote them down."""

import pytest

from schemas.mail import Address
from services.ingest.own import MAX_OWN, own_recipients
from services.ingest.parse.parsed import ParsedMail

OWN = frozenset(("sales@firma.example", "info@xn--mnchen-3ya.example", "a+b@firma.example"))


def mail(*to: str, cc: tuple[str, ...] = (), headers: tuple[tuple[str, str], ...] = ()) -> ParsedMail:
    people = tuple(Address(address=each) for each in to)
    return ParsedMail(to=people, cc=tuple(Address(address=each) for each in cc), headers=headers)


@pytest.mark.parametrize(
    ("read", "found"),
    [
        (mail("Sales@Firma.example"), ("Sales@Firma.example",)),
        (mail("sales+fair@firma.example"), ("sales+fair@firma.example",)),
        (mail("a+b@firma.example"), ("a+b@firma.example",)),
        (mail("a@firma.example"), ()),
        (mail("info@münchen.example"), ("info@münchen.example",)),
        (mail("x@y.example", cc=("sales@firma.example",)), ("sales@firma.example",)),
        (mail(headers=(("Delivered-To", "<sales@firma.example>"),)), ("sales@firma.example",)),
        (mail("x@y.example", headers=(("X-Original-To", "sales+1@firma.example"),)), ("sales+1@firma.example",)),
        (mail("sales@firma.example.evil", "sales", "@firma.example", "+x@firma.example"), ()),
        (mail("sales@firma.example", headers=(("Delivered-To", "sales@firma.example"),)), ("sales@firma.example",)),
    ],
)
def test_own_recipients(read: ParsedMail, found: tuple[str, ...]) -> None:
    assert own_recipients(read, OWN) == found


def test_a_mailbox_without_addresses_has_none() -> None:
    assert own_recipients(mail("sales@firma.example"), frozenset()) == ()


def test_they_are_bounded() -> None:
    many = mail(*(f"sales+{number}@firma.example" for number in range(100)))
    assert len(own_recipients(many, OWN)) == MAX_OWN
