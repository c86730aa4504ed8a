"""The arithmetic of the share: everything is read, by one, evenly, and few mailboxes change hands."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from services.ingest.shards.share import shared_out

MAILBOXES = st.sets(st.integers(0, 60).map(lambda n: f"m{n:02}"), max_size=40)
WORKERS = st.lists(st.sampled_from([f"w{n}" for n in range(8)]), min_size=1, max_size=6, unique=True)
HOLDERS = st.dictionaries(
    st.integers(0, 60).map(lambda n: f"m{n:02}"), st.sampled_from([f"w{n}" for n in range(10)]), max_size=50
)
FILTERS = st.dictionaries(st.sampled_from([f"w{n}" for n in range(8)]), MAILBOXES, min_size=1, max_size=5)


def everybody(workers: list[str], mailboxes: set[str]) -> dict[str, set[str]]:
    return dict.fromkeys(workers, mailboxes)


@given(WORKERS, MAILBOXES, HOLDERS)
def test_each_has_its_share_and_all_are_read(workers: list[str], mailboxes: set[str], holders: dict[str, str]) -> None:
    found = shared_out(everybody(workers, mailboxes), holders)
    assert found.keys() == mailboxes
    load = Counter(found.values())
    most = -(-len(mailboxes) // len(workers))
    assert all(len(mailboxes) // len(workers) <= load[who] <= most for who in workers)
    assert sum(load[who] for who in workers) == len(mailboxes)


@given(WORKERS, MAILBOXES, HOLDERS)
def test_everybody_comes_to_the_same_and_stays_there(
    workers: list[str], mailboxes: set[str], holders: dict[str, str]
) -> None:
    found = shared_out(everybody(workers, mailboxes), holders)
    assert shared_out(everybody(workers[::-1], mailboxes), dict(reversed(holders.items()))) == found
    assert shared_out(everybody(workers, mailboxes), found) == found


@given(WORKERS, MAILBOXES)
def test_who_joins_gets_its_share_and_nobody_else_anything(workers: list[str], mailboxes: set[str]) -> None:
    before = shared_out(everybody(workers, mailboxes), {})
    after = shared_out(everybody([*workers, "w9"], mailboxes), before)
    moved = {after[mailbox] for mailbox in mailboxes if after[mailbox] != before[mailbox]}
    assert moved <= {"w9"}
    assert Counter(after.values())["w9"] <= -(-len(mailboxes) // (len(workers) + 1))


@given(WORKERS, MAILBOXES)
def test_who_leaves_gives_up_only_its_own(workers: list[str], mailboxes: set[str]) -> None:
    before = shared_out(everybody([*workers, "w9"], mailboxes), {})
    after = shared_out(everybody(workers, mailboxes), before)
    assert all(after[mailbox] == who for mailbox, who in before.items() if who != "w9")


@given(FILTERS, HOLDERS)
def test_nobody_reads_what_it_may_not(readable: dict[str, set[str]], holders: dict[str, str]) -> None:
    found = shared_out(readable, holders)
    assert found.keys() == set().union(*readable.values())
    assert all(mailbox in readable[who] for mailbox, who in found.items())
    load = Counter(found.values())
    for mailbox, who in found.items():
        assert all(load[other] + 2 > load[who] for other in readable if mailbox in readable[other])
    assert shared_out(readable, found) == found


def test_without_workers_nothing_is_read() -> None:
    assert shared_out({}, {"m": "w"}) == {}
