import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.mailbox.uri import EmlUri, ImapUri, MaildirUri, MboxUri
from runtime.errors import InvalidInputError

TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)


@settings(deadline=None)
@given(TEXT, st.integers(0, 2**32 - 1), st.integers(1, 2**32 - 1))
def test_imap_uris_come_back(folder: str, uidvalidity: int, uid: int) -> None:
    place = ImapUri("sales", folder, uidvalidity, uid)
    assert str(place).isascii()
    assert ImapUri.parse(str(place), "sales") == place


@settings(deadline=None)
@given(TEXT, TEXT)
def test_maildir_uris_come_back(folder: str, key: str) -> None:
    place = MaildirUri("sales", folder, key)
    assert MaildirUri.parse(str(place), "sales") == place


@settings(deadline=None)
@given(TEXT)
def test_eml_uris_come_back(path: str) -> None:
    place = EmlUri("sales", path)
    assert str(place).isascii()
    assert EmlUri.parse(str(place), "sales") == place


def test_the_forms_are_the_documented_ones() -> None:
    assert str(ImapUri("sales", "Büro/1", 7, 9)) == "imap://sales/B%C3%BCro%2F1;UIDVALIDITY=7/;UID=9"
    assert str(MaildirUri("sales", "INBOX", "1.M2.h,S=3")) == "maildir://sales/INBOX;KEY=1.M2.h%2CS%3D3"
    assert str(EmlUri("sales", "a b/\udcff.eml")) == "eml://sales/a%20b/%FF.eml"
    assert str(MboxUri("sales", 12, "ab")) == "mbox://sales/12-ab"


@pytest.mark.parametrize(
    "uri", ["", "imap://sales/INBOX", "imap://other/INBOX;UIDVALIDITY=1/;UID=2", "mbox://sales/1-ab", "x" * 5000]
)
def test_others_are_refused(uri: str) -> None:
    with pytest.raises(InvalidInputError):
        ImapUri.parse(uri, "sales")
