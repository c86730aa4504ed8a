"""Logins with tokens: what is taken, what the presets fill in, and what is refused with a remedy."""

from typing import Any

import pytest
from pydantic import ValidationError

from schemas.mailbox import ImapSource, Mailbox
from schemas.oauth import OAuth
from schemas.outgoing import Outgoing

GRANT: dict[str, Any] = {"provider": "google", "client_id": "app", "refresh_token": "GRANT"}
IMAP: dict[str, Any] = {"kind": "imap", "username": "a@company.example"}
SMTP: dict[str, Any] = {"username": "a@company.example", "address": "a@company.example"}


def test_a_preset_fills_in_what_is_left_out() -> None:
    gmail = ImapSource.model_validate({**IMAP, "preset": "gmail", "oauth": GRANT})
    assert (gmail.host, gmail.port, gmail.security, gmail.sent) == ("imap.gmail.com", 993, "tls", "[Gmail]/Sent Mail")
    office = Outgoing.model_validate({**SMTP, "preset": "office365", "oauth": {**GRANT, "provider": "microsoft"}})
    assert (office.host, office.port, office.security) == ("smtp.office365.com", 587, "starttls")
    own = ImapSource.model_validate({**IMAP, "preset": "gmail", "password": "APP", "sent": None, "port": 1993})
    assert (own.host, own.port, own.sent) == ("imap.gmail.com", 1993, None)


def test_a_mailbox_keeps_its_bytes_through_a_topic() -> None:
    box = Mailbox.model_validate(
        {"id": "a", "source": {**IMAP, "preset": "gmail", "oauth": GRANT}, "outgoing": {**SMTP, "preset": "gmail"}}
        | {"outgoing": {**SMTP, "preset": "gmail", "oauth": GRANT}}
    )
    assert Mailbox.model_validate_json(box.model_dump_json()) == box


def test_one_without_anything_new_has_the_bytes_that_it_had() -> None:
    source = ImapSource.model_validate({**IMAP, "host": "imap.company.example", "password": "P"})
    assert set(source.model_dump()) == {"kind", "host", "port", "security", "username", "password", "inbox", "sent"}


def test_the_providers_ends_are_known_and_may_be_others() -> None:
    assert OAuth.model_validate(GRANT).ends.device_url is None
    microsoft = OAuth.model_validate({**GRANT, "provider": "microsoft", "tenant": "company.example"}).ends
    assert microsoft.token_url == "https://login.microsoftonline.com/company.example/oauth2/v2.0/token"
    assert microsoft.device_url == "https://login.microsoftonline.com/company.example/oauth2/v2.0/devicecode"
    assert "offline_access" in microsoft.scope
    other = OAuth.model_validate({**GRANT, "scope": "mail", "token_url": "https://other.example/t"}).ends
    assert (other.scope, other.token_url) == ("mail", "https://other.example/t")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"provider": "custom"}, "needs token_url"),
        ({"tenant": "company.example"}, "tenant is for provider: microsoft"),
        ({"provider": "microsoft", "tenant": "../evil"}, "pattern"),
        ({"token_url": "http://login.example/token"}, "https"),
        ({"token_url": "https://user:pw@login.example/"}, "without user name"),
        ({"token_url": "https://login.example/\r\nX"}, "https"),
        ({"token_url": "token"}, "https"),
        ({"refresh_token": "1//0gverysecret"}, "pattern"),
        ({"client_secret": "GOCSPX-secret"}, "pattern"),
        ({"client_id": ""}, "pattern"),
        ({"acces_token": "X"}, "Extra inputs"),
    ],
)
def test_what_is_refused(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        OAuth.model_validate(GRANT | changes)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"host": "h"}, "give either password"),
        ({"host": "h", "password": "P", "oauth": GRANT}, "give either password"),
        ({"password": "P"}, "give host, or a preset"),
        ({"preset": "yahoo", "password": "P"}, "gmail"),
        ({"host": "h", "security": "none", "oauth": GRANT}, "in the clear"),
    ],
)
def test_a_source_that_is_not_whole_is_refused(fields: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        ImapSource.model_validate(IMAP | fields)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"host": "h", "password": "P", "oauth": GRANT}, "not both"),
        ({"host": "h", "username": None, "oauth": GRANT}, "give username"),
        ({"password": "P"}, "give host, or a preset"),
    ],
)
def test_an_outgoing_that_is_not_whole_is_refused(fields: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        Outgoing.model_validate(SMTP | fields)


def test_two_grants_cannot_be_kept_under_one_name() -> None:
    sides: dict[str, Any] = {
        "source": {**IMAP, "preset": "gmail", "oauth": GRANT},
        "outgoing": {**SMTP, "preset": "gmail", "oauth": {**GRANT, "client_id": "other"}},
    }
    with pytest.raises(ValidationError, match="under one name"):
        Mailbox.model_validate({"id": "a", **sides})
    sides["outgoing"]["oauth"]["refresh_token"] = "SMTP_GRANT"
    assert Mailbox.model_validate({"id": "a", **sides}).outgoing is not None
