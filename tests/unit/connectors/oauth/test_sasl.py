import pytest

from connectors.oauth.sasl import Mechanism, TokenLogin, as_base64, chosen, from_base64
from runtime.errors import InvalidInputError


def test_the_words_of_xoauth2_are_googles() -> None:
    login = TokenLogin("XOAUTH2", "someuser@example.com")
    words = login.first("ya29.vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg")
    assert as_base64(words) == (
        "dXNlcj1zb21ldXNlckBleGFtcGxlLmNvbQFhdXRoPUJlYXJlciB5YTI5LnZGOWRmdDRxbVRjMk52YjNSbGNrQmhkSFJoZG1semRHRXVZMjl0"
        "Q2cBAQ=="
    )


def test_the_words_of_oauthbearer_escape_the_name() -> None:
    login = TokenLogin("OAUTHBEARER", "a=b,c@example.com")
    assert login.first("t") == b"n,a=a=3Db=2Cc@example.com,\x01auth=Bearer t\x01\x01"


@pytest.mark.parametrize(("mechanism", "answer"), [("XOAUTH2", b""), ("OAUTHBEARER", b"\x01")])
def test_an_error_is_answered_emptily_and_its_status_kept(mechanism: Mechanism, answer: bytes) -> None:
    login = TokenLogin(mechanism, "a")
    assert login.answer_error(b'{"status":"invalid_token","schemes":"bearer","scope":"https://mail"}') == answer
    assert login.status == "invalid_token"


@pytest.mark.parametrize("challenge", [b"", b"{", b"[]", b'{"status": 5}', b'{"status": "<b> x"}', b"[" * 100_000])
def test_an_error_that_cannot_be_read_has_no_status(challenge: bytes) -> None:
    login = TokenLogin("XOAUTH2", "a")
    assert login.answer_error(challenge) == b""
    assert login.status == ""


@pytest.mark.parametrize("user", ["a\x01auth=Bearer x", "a\r\nb", "a\0"])
def test_a_name_cannot_add_fields(user: str) -> None:
    with pytest.raises(InvalidInputError, match="control character"):
        TokenLogin("XOAUTH2", user)


def test_the_standard_mechanism_is_preferred() -> None:
    assert chosen(["PLAIN", "XOAUTH2", "OAUTHBEARER"]) == "OAUTHBEARER"
    assert chosen(["PLAIN", "XOAUTH2"]) == "XOAUTH2"
    assert chosen(["PLAIN"]) is None


def test_what_is_not_base64_is_nothing() -> None:
    assert from_base64(b"e30=") == b"{}"
    assert from_base64(b"\xff{") == b""
