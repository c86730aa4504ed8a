"""How a mailbox sends: what is taken, and what is refused with a remedy."""

from typing import Any

import pytest
from pydantic import ValidationError

from schemas.mailbox import Mailbox
from schemas.outgoing import Outgoing, is_plain_address
from schemas.rule import MailboxChanged

PLAIN: dict[str, Any] = {"host": "smtp.company.example", "address": "support@company.example"}
SOURCE = {"kind": "maildir", "path": "/mail"}


def test_the_least_is_a_host_and_an_address() -> None:
    made = Outgoing.model_validate(PLAIN)
    assert (made.port, made.security, made.username, made.password) == (587, "starttls", None, None)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"username": "u"}, "give username and password, or neither"),
        ({"password": "P"}, "give username and password, or neither"),
        ({"username": "u", "password": "hunter2"}, "pattern"),
        ({"security": "none"}, "this machine only"),
        ({"security": "none", "host": "10.0.0.1"}, "this machine only"),
        ({"security": "ssl"}, "starttls"),
        ({"port": 0}, "greater than"),
        ({"address": "Support <support@company.example>"}, "must be one address"),
        ({"address": "support@company.example\r\nBcc: all@x.example"}, "must be one address"),
        ({"name": "Support\r\nBcc: all@x.example"}, "one line"),
        ({"name": "Support\u2028x"}, "one line"),
        ({"host": "smtp\r\nX"}, "one line"),
        ({"username": "u\r\nNOOP", "password": "P"}, "one line"),
        ({"auth": "xoauth2"}, "Extra inputs"),
    ],
)
def test_what_is_refused(fields: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        Outgoing.model_validate(PLAIN | fields)


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST", "127.0.0.1", "127.1.2.3", "::1"])
def test_open_lines_stay_on_this_machine(host: str) -> None:
    assert Outgoing.model_validate(PLAIN | {"security": "none", "host": host}).security == "none"


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("anna@company.example", True),
        ("a.b+tag@localhost", True),
        (f"{'a' * 64}@company.example", True),
        (f"{'a' * 65}@company.example", False),
        (f"a@{'b' * 250}.example", False),
        (".a@company.example", False),
        ("a..b@company.example", False),
        ("a.@company.example", False),
        ('"a b"@company.example', False),
        ("a@b@company.example", False),
        ("a@company.example\n", False),
        ("ä@company.example", False),
        ("a@münchen.example", False),
        ("a", False),
        ("", False),
    ],
)
def test_plain_addresses(text: str, plain: bool) -> None:
    assert is_plain_address(text) is plain


def test_own_addresses_are_folded_and_hold_the_one_that_it_sends_from() -> None:
    box = Mailbox.model_validate(
        {"id": "m", "source": SOURCE, "addresses": ["Help@MÜNCHEN.example"], "outgoing": PLAIN}
    )
    assert box.own_addresses == {"help@xn--mnchen-3ya.example", "support@company.example"}


def test_a_mailbox_that_sends_nothing_keeps_its_bytes() -> None:
    box = Mailbox.model_validate({"id": "m", "source": SOURCE})
    assert b"outgoing" not in MailboxChanged(version=1, mailbox=box).to_json()
