"""The quick reading of FETCH answers says what imapclient's says, or leaves it to imapclient."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from imapclient.response_parser import parse_fetch_response

from connectors.mailbox.imap_plain_answers import Line, plain_facts

QUICK: list[list[Line]] = [
    [
        rb"1 (UID 5 RFC822.SIZE 4800 INTERNALDATE \"02-Mar-2026 08:00:00 +0000\" FLAGS (\Seen $Work))".replace(
            b'\\"', b'"'
        )
    ],
    [b'7 (FLAGS () INTERNALDATE " 2-Mar-2026 08:00:00 -0330" RFC822.SIZE 0 UID 4294967295)'],
    [b"7 (UID 5 MODSEQ (12) FLAGS (a b))"],
    [b"7 (X-GM-THRID 18446744073709551615 UID 5 RFC822.SIZE 80)"],
    [(b"3 (UID 5 BODY[] {3}", b"raw"), b")"],
    [(b"3 (BODY[] {3}", b"raw"), b" UID 5 FLAGS (ours))"],
    [(b"3 (UID 5 BODY[]<0> {0}", b""), b")"],
    [(b"3 (FLAGS (a) UID 5 BODY[] {3}", b")()"), b")"],
]
LEFT: list[list[Line]] = [
    [b"1 (UID 5 BODY[] NIL)"],
    [b'1 (UID 5 FLAGS ("quoted"))'],
    [b'1 (UID 5 INTERNALDATE "31-Feb-2026 08:00:00 +0000")'],
    [b'1 (UID 5 INTERNALDATE "2026-03-02")'],
    [b"1 (UID 5 ENVELOPE (NIL NIL))"],
    [b"1 (UID 5x)"],
    [b"1 FETCH"],
    [b"x"],
    [None],
    [],
    [(b"3 (UID 5 BODY[HEADER] {3}", b"raw"), b")"],
    [(b"3 (UID 5 BODY[] {3}", b"raw"), b" FLAGS (a"],
    [(b"3 (UID 5 BODY[] {3}", b"raw"), (b" BODY[]<0> {1}", b"r"), b")"],
]


def theirs(answer: list[Line]) -> dict[bytes, Any]:
    (facts,) = parse_fetch_response(answer, normalise_times=False, uid_is_key=False).values()
    return dict(facts)


@pytest.mark.parametrize("answer", QUICK, ids=str)
def test_what_is_read_quickly_is_what_imapclient_reads(answer: list[Line]) -> None:
    assert plain_facts(answer) == theirs(answer)


@pytest.mark.parametrize("answer", LEFT, ids=str)
def test_all_else_is_left_to_imapclient(answer: list[Line]) -> None:
    assert plain_facts(answer) is None


ITEMS = st.one_of(
    st.integers(1, 2**32 - 1).map(lambda n: f"UID {n}"),
    st.integers(0, 2**40).map(lambda n: f"RFC822.SIZE {n}"),
    st.integers(0, 2**64 - 1).map(lambda n: f"X-GM-THRID {n}"),
    st.lists(st.sampled_from(["\\Seen", "\\Answered", "$Label1", "tag-a"])).map(
        lambda each: f"FLAGS ({' '.join(each)})"
    ),
    st.datetimes().map(lambda at: f'INTERNALDATE "{at:%d-%b-%Y %H:%M:%S} +0{at.hour % 10}30"'),
)


@given(seq=st.integers(1, 999), items=st.lists(ITEMS, max_size=5), raw=st.binary(max_size=40), literal=st.booleans())
def test_any_order_of_items_gives_the_same(seq: int, items: list[str], raw: bytes, *, literal: bool) -> None:
    inside = " ".join(items)
    answer: list[Line] = [f"{seq} ({inside})".encode()]
    if literal:
        answer = [(f"{seq} ({inside}{' ' if items else ''}BODY[] {{{len(raw)}}}".encode(), raw), b")"]
    if (found := plain_facts(answer)) is not None:
        assert found == theirs(answer)
    elif items:
        assert "INTERNALDATE" in inside, "only a date that is none is left to imapclient"
