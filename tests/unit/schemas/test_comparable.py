"""One comparable form of an address, the same for conditions and for what counts as already done."""

import pytest

from schemas.comparable import folded_address
from services.evaluator.facts import Facts
from tests.unit.services.evaluator.making import event


@pytest.mark.parametrize(
    ("address", "folded"),
    [
        ("Anna@Example.org", "anna@example.org"),
        (" anna@example.org. ", "anna@example.org"),
        ("STRASSE@x.example", "strasse@x.example"),
        ("Straße@x.example", "strasse@x.example"),
        ("a@münchen.example", "a@xn--mnchen-3ya.example"),
        ('"a@b"@x.example', '"a@b"@x.example'),
        ("Nobody", "nobody"),
        ("@x.example", "@x.example"),
        ("", ""),
    ],
)
def test_addresses(address: str, folded: str) -> None:
    assert folded_address(address) == folded
    if folded:
        assert Facts(event(sender=address)).sender.forms[0] == folded
