import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.mailbox.keywords import MAX_KEYWORD, to_keyword, to_tag
from runtime.errors import InvalidInputError

ATOM = re.compile(r'[^(){ %*"\\\]\x00-\x1f\x7f-\U0010ffff]+')


@settings(deadline=None)
@given(st.text(min_size=1, max_size=20))
def test_every_tag_becomes_an_atom_and_comes_back(tag: str) -> None:
    keyword = to_keyword(tag)
    assert ATOM.fullmatch(keyword)
    assert not keyword.startswith(("$", "\\"))
    assert to_tag(keyword) == tag


@settings(deadline=None)
@given(st.text(alphabet="=ABC0129abcß$ ", max_size=12))
def test_a_keyword_means_at_most_one_tag(keyword: str) -> None:
    tag = to_tag(keyword)
    assert tag is None or to_keyword(tag) == keyword


@pytest.mark.parametrize(
    ("tag", "keyword"),
    [
        ("vip", "vip"),
        ("Büro 1", "B=C3=BCro=201"),
        ("a=b", "a=3Db"),
        ("$x", "=24x"),
        ("x$", "x$"),
        ("\\Seen", "=5CSeen"),
    ],
)
def test_the_documented_form(tag: str, keyword: str) -> None:
    assert to_keyword(tag) == keyword


@pytest.mark.parametrize("foreign", ["\\Seen", "$Forwarded", "a=zz", "a=3d", "=FF", "=41", ""])
def test_what_is_not_ours_is_no_tag(foreign: str) -> None:
    assert to_tag(foreign) is None


@pytest.mark.parametrize("tag", ["", "x" * (MAX_KEYWORD + 1), "ü" * 42, "\ud800"])
def test_tags_that_cannot_be_kept_are_refused(tag: str) -> None:
    with pytest.raises(InvalidInputError):
        to_keyword(tag)
