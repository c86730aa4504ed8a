"""Throttles: their lengths, their slots, whose they are."""

from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from schemas.mailbox_action import StarAction
from schemas.scope import EPOCH, Throttle, duration_of

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SLOT = int(NOON.timestamp()) // 3600


def per_sender(every: str = "7d") -> Throttle:
    return Throttle(every=every, per="sender")


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("1m", timedelta(minutes=1)),
        ("90m", timedelta(minutes=90)),
        ("12h", timedelta(hours=12)),
        ("366d", timedelta(days=366)),
        ("527040m", timedelta(days=366)),
    ],
)
def test_lengths(text: str, length: timedelta) -> None:
    assert duration_of(text) == length


@pytest.mark.parametrize(
    ("scope", "message"),
    [
        ("sender", "'message' or 'thread'"),
        (None, "'message' or 'thread'"),
        ({}, "Field required"),
        ({"every": 60}, "valid string"),
        ({"every": "1h", "per": "thread"}, "'sender'"),
        ({"every": "1h", "each": "sender"}, "Extra inputs are not permitted"),
        *(
            ({"every": text}, 'write a duration as "30m", "12h" or "7d", from 1 minute to 366 days')
            for text in ("", "0m", "60", "60s", "1.5h", "-1h", "01h", "1 h", "1H", "1h\n", "٣h", "367d", "999999999d")
        ),
    ],
)
def test_bad_scopes_say_what_is_wrong(scope: Any, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        StarAction.model_validate({"id": "a", "type": "star", "scope": scope})


@pytest.mark.parametrize("scope", ["thread", {"every": "1h"}, {"every": "60m", "per": "sender"}])
def test_it_travels_as_it_was_written(scope: Any) -> None:
    written = {"id": "a", "scope": scope, "type": "star"}
    action = StarAction.model_validate(written)
    assert action.model_dump(mode="json", exclude_defaults=True) == written
    assert StarAction.model_validate_json(action.model_dump_json()) == action


@pytest.mark.parametrize(
    ("moment", "slot"),
    [
        (NOON, SLOT),
        (NOON + timedelta(minutes=59, seconds=59, microseconds=999_999), SLOT),
        (NOON + timedelta(hours=1), SLOT + 1),
        (NOON - timedelta(microseconds=1), SLOT - 1),
        (NOON.astimezone(timezone(timedelta(hours=5, minutes=30))), SLOT),
        (EPOCH, 0),
        (EPOCH - timedelta(seconds=1), -1),
    ],
)
def test_slots_are_counted_from_the_epoch(moment: datetime, slot: int) -> None:
    assert Throttle(every="1h").subject(moment, "anna@example.org") == f"interval:3600:{slot}"


def test_lengths_that_are_equal_share_their_slots() -> None:
    assert Throttle(every="60m").subject(NOON, "") == Throttle(every="1h").subject(NOON, "")
    assert Throttle(every="1d").subject(NOON, "") != Throttle(every="1h").subject(NOON, "")


@given(st.datetimes(timezones=st.just(UTC)), st.sampled_from(["1m", "7h", "1d", "366d"]))
def test_a_slot_is_as_long_as_it_says(moment: datetime, every: str) -> None:
    length = duration_of(every)
    number = int(Throttle(every=every).subject(moment, "").split(":")[-1])
    assert timedelta(0) <= moment - EPOCH - number * length < length


def test_an_address_is_one_sender_however_it_is_written() -> None:
    subjects = {
        per_sender().subject(NOON, address)
        for address in ("Anna@MÜNCHEN.example", "anna@xn--mnchen-3ya.example", " ANNA@xn--MNCHEN-3ya.example. ")
    }
    slot = int(NOON.timestamp()) // 604_800
    assert subjects == {f"sender:{sha256(b'anna@xn--mnchen-3ya.example').hexdigest()}:604800:{slot}"}


def test_mail_without_a_sender_shares_a_slot() -> None:
    assert per_sender("1h").subject(NOON, "") == f"sender::3600:{SLOT}"


@pytest.mark.parametrize("address", ["a\x00@example.org", "a" * 400 + "@example.org", "\udcff@example.org"])
def test_what_postgres_would_refuse_has_a_hash_as_well(address: str) -> None:
    found = per_sender().subject(NOON, address).split(":")[1]
    assert len(found) == 64
    assert found == per_sender().subject(NOON, address.upper()).split(":")[1]


def test_it_reads_as_text() -> None:
    assert (str(Throttle(every="1h")), str(per_sender())) == ("every 1h", "every 7d per sender")
