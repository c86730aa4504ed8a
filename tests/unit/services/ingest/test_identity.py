import hashlib

import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st

from services.ingest.identity import content_digest
from tests.unit.services.ingest.samples import ALL, PLAIN

bodies = st.binary(max_size=200)
mails = st.sampled_from(ALL)


def test_definition_computed_by_hand() -> None:
    raw = b"Subject: a\r\n  b \r\nFROM:x@y\r\nX-Other: 1\r\nfrom: second\r\n\r\nbody\r\nend"
    assert content_digest(raw) == hashlib.sha256(b"from:x@y\nsubject:a b\n\nbody\nend").hexdigest()


@seed(1)
@settings(max_examples=300, deadline=None)
@given(raw=st.one_of(mails, bodies))
def test_crlf_and_lf_are_equal(raw: bytes) -> None:
    lf = raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    assert content_digest(lf) == content_digest(lf.replace(b"\n", b"\r\n")) == content_digest(raw)


@seed(2)
@settings(max_examples=200, deadline=None)
@given(raw=mails, host=st.text("abcdefgh. ", max_size=200))
def test_headers_added_on_the_way_do_not_change_it(raw: bytes, host: str) -> None:
    added = f"Received: from {host}\n\tby other; Mon, 2 Nov 2026 10:00:01 +0100\nX-Status: RO\n".encode()
    assert content_digest(added + raw) == content_digest(raw)
    assert content_digest(b"From sender Mon Nov  2 10:00:00 2026\n" + raw) == content_digest(raw)
    assert content_digest(raw.replace(b"\n\n", b"\nStatus: RO\nX-Keywords: a\n\n", 1)) == content_digest(raw)


@seed(3)
@settings(max_examples=300, deadline=None)
@given(raw=mails, first=bodies, second=bodies)
def test_any_change_of_the_body_changes_it(raw: bytes, first: bytes, second: bytes) -> None:
    header = raw.partition(b"\n\n")[0] + b"\n\n"
    same = first.replace(b"\r\n", b"\n").replace(b"\r", b"\n") == second.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    assert (content_digest(header + first) == content_digest(header + second)) == same


@seed(4)
@settings(max_examples=300, deadline=None)
@given(first=bodies, second=bodies)
def test_what_has_no_header_is_all_body(first: bytes, second: bytes) -> None:
    garbage = [b"\x00" + data.replace(b"\r", b"") for data in (first, second)]
    assert (content_digest(garbage[0]) == content_digest(garbage[1])) == (garbage[0] == garbage[1])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"<one@example.org>", b"<other@example.org>"),
        (b"Subject: Offer", b"Subject: Offers"),
        (b"Date: Mon", b"Date: Tue"),
        (b"<joerg@Example.org>", b"<joerg@example.org>"),
        (b"Subject: Offer\n", b""),
    ],
)
def test_each_identifying_header_counts(old: bytes, new: bytes) -> None:
    assert content_digest(PLAIN.replace(old, new)) != content_digest(PLAIN)


def test_missing_differs_from_empty_and_names_do_not_mix() -> None:
    variants = [b"\n", b"Date:\n\n", b"Subject:\n\n", b"Date: x\n\n", b"Subject: x\n\n", b"Subject: date:x\n\n"]
    assert len({content_digest(raw) for raw in variants}) == len(variants)


def test_folding_and_case_of_names_do_not_count() -> None:
    folded = PLAIN.replace(b"Subject: Offer", b"SUBJECT :\n\tOffer  ")
    assert content_digest(folded) == content_digest(PLAIN)


def test_the_last_header_without_an_end() -> None:
    assert content_digest(b"Subject: x") == content_digest(b"Subject: x\n") == content_digest(b"Subject: x\n\n")
