import pytest

from runtime.secrets import without

SECRET = "dXNlcj1hbm5hQWNjZXNzVG9rZW5PZkFubmFJc0xvbmc="


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("535 5.7.8 not accepted", "535 5.7.8 not accepted"),
        (f'500 unknown: "AUTH XOAUTH2 {SECRET}"', '500 unknown: "AUTH XOAUTH2 ***"'),
        (f"500 unknown: AUTH XOAUTH2 {SECRET[:20]}...", "500 unknown: AUTH XOAUTH2 ***"),
        ("authentication-servers are busy", "authentication-servers are busy"),
    ],
)
def test_what_a_server_repeats_of_a_secret_is_left_out(said: str, shown: str) -> None:
    assert without(said, (SECRET, "")) == shown


def test_a_short_secret_is_left_out_where_it_is_whole() -> None:
    assert without("no user x with p@ss", ("p@ss",)) == "no user x with ***"
