"""Replays on a broker in memory: which mail they take, how fast, and what a death in between costs."""

from dataclasses import replace
from uuid import UUID

import pytest

from cli.replay.pump import AT_ONCE, ReplayLostError
from cli.replay.window import AHEAD_SECONDS, PATIENCE_SECONDS
from runtime.errors import TargetDownError
from runtime.kafka import Outgoing
from schemas.topics import MAIL_ARRIVED
from tests.unit.cli.replay.platform import Held, Log, Platform


def asked_for(platform: Platform) -> list[UUID]:
    return [request.event.event_id for request in platform.requests()]


async def test_it_takes_what_was_published_in_the_span() -> None:
    platform = Platform()
    mails = await platform.mail(30)
    replay = await platform.asked((10, 20))
    await platform.pump(replay)
    assert sorted(asked_for(platform)) == sorted(mails[10:20])
    assert platform.held.finished
    assert sum(each.published for each in platform.held.progress) == 10
    assert {request.run for request in platform.requests()} == {"replay-1"}
    assert not any(request.backlog or request.rule or request.force for request in platform.requests())


async def test_it_takes_one_mailbox_and_one_rule() -> None:
    platform = Platform()
    mine = await platform.mail(5)
    await platform.mail(5, "sales")
    await platform.pump(await platform.asked((0, 60), mailboxes=("support",), rule="r1", dry_run=True))
    assert sorted(asked_for(platform)) == sorted(mine)
    assert all(request.rule == "r1" and request.dry_run and request.backlog for request in platform.requests())


async def test_mail_that_was_erased_is_left_out_and_not_waited_for() -> None:
    platform = Platform()
    mails = await platform.mail(6)
    platform.erased = {*mails[:3], mails[5]}
    await platform.pump(await platform.asked((0, 60)))
    assert sorted(asked_for(platform)) == sorted(mails[3:5])
    assert sum(each.published for each in platform.held.progress) == 2
    assert not platform.erased & {event for asked in platform.log.asked for event in asked}


async def test_a_record_that_nobody_can_read_is_counted_and_passed() -> None:
    platform = Platform()
    mails = await platform.mail(1)
    await platform.topics.send_all([Outgoing(MAIL_ARRIVED.name, b"support/1", b"{")])
    mails += await platform.mail(1)
    await platform.pump(await platform.asked((0, 60)))
    assert sorted(asked_for(platform)) == sorted(mails)
    assert sum(each.refused for each in platform.held.progress) == 1


async def test_who_dies_after_publishing_hands_the_same_bytes_on_again() -> None:
    platform = Platform()
    await platform.mail(AT_ONCE * 4)
    replay = await platform.asked((0, 1_000), rate=1_000.0)
    platform.refuses = 1
    with pytest.raises(TargetDownError):
        await platform.pump(replay)
    assert platform.held.progress == []
    await platform.pump(replay)
    records = platform.topics.of("evaluation-backlog")
    by_id: dict[bytes, set[bytes | None]] = {}
    for record in records:
        by_id.setdefault(dict(record.headers)["ce_id"], set()).add(record.value)
    assert len(by_id) == AT_ONCE * 4
    assert len(records) == AT_ONCE * 5
    assert all(len(values) == 1 for values in by_id.values())


async def test_it_goes_on_where_it_was() -> None:
    platform = Platform()
    mails = await platform.mail(AT_ONCE * 3)
    replay = await platform.asked((0, 1_000), rate=1_000.0)
    lost = Held(lost_after=1)
    with pytest.raises(ReplayLostError, match="maildesk replay show replay-1"):
        await platform.pump(replay, lost)
    (first,) = lost.progress
    await platform.pump(replace(replay, spans=first.spans))
    assert set(asked_for(platform)) == set(mails)
    assert platform.held.finished
    assert not lost.finished
    counted = sum(each.read for each in (*lost.progress, *platform.held.progress))
    assert counted == replay.total == AT_ONCE * 3


@pytest.mark.parametrize("rate", [0.5, 20.0])
async def test_it_keeps_its_rate(rate: float) -> None:
    platform = Platform()
    await platform.mail(40)
    await platform.pump(await platform.asked((0, 60), rate=rate))
    at_once = max(1, int(rate / 5))
    assert platform.clock.monotonic() == pytest.approx((40 - at_once) / rate)


async def test_it_waits_for_what_became_of_earlier_mail_but_not_for_ever() -> None:
    platform = Platform()
    rate = 1_000.0
    mails = await platform.mail(int(AHEAD_SECONDS * rate) + AT_ONCE * 2)
    platform.log = Log()
    platform.log.late = set(mails[:1])
    await platform.pump(await platform.asked((0, 1_000), rate=rate))
    assert PATIENCE_SECONDS <= platform.clock.monotonic() < PATIENCE_SECONDS + 2
    assert len(asked_for(platform)) == len(mails)
    assert max(len(each) for each in platform.log.asked) <= AT_ONCE


async def test_nothing_in_the_span_is_finished_at_once() -> None:
    platform = Platform()
    await platform.mail(3)
    replay = await platform.asked((30, 40))
    assert replay.total == 0
    await platform.pump(replay)
    assert platform.requests() == []
    assert platform.held.finished
