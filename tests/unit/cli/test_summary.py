"""A run's figures, for machines and for people."""

from dataclasses import replace

from cli.progress import Remaining
from cli.summary import Summary

SUMMARY = Summary(
    mails=10,
    duplicates=2,
    dead_letters=1,
    events=7,
    decisions=7,
    commands={"tag": {"failed": 1, "succeeded": 3}},
    log_rows=4,
    unexpected_failures=0,
    seconds=1.5,
    totals={"events": 9, "decisions": 9, "log_rows": 6},
)


def test_the_json_has_every_figure() -> None:
    assert SUMMARY.as_dict()["commands"] == {"tag": {"failed": 1, "succeeded": 3}}
    assert set(SUMMARY.as_dict()) >= {
        "mails",
        "duplicates",
        "dead_letters",
        "events",
        "decisions",
        "commands",
        "log_rows",
        "seconds",
    }


def test_the_lines_add_up_for_people() -> None:
    assert SUMMARY.lines() == [
        "10 mails: 7 decided, 2 known already, 1 unreadable",
        "tag: 1 failed, 3 succeeded",
        "4 rows in the execution log (6 in all) · 1.5 s",
    ]


def test_mail_that_is_only_recorded_is_told() -> None:
    lines = replace(SUMMARY, archived=5).lines()
    assert lines[1] == "5 of them recorded without actions: older than their mailbox's `actions_since`"


def test_idle_means_nothing_unread_unpublished_undecided_or_unfinished() -> None:
    assert Remaining((), 0, 0, {}).idle
    for busy in (
        Remaining(("support",), 0, 0, {}),
        Remaining((), 1, 0, {}),
        Remaining((), 0, 1, {}),
        Remaining((), 0, 0, {"retry_wait": 1}),
        Remaining((), 0, 0, {}, deferred=1),
    ):
        assert not busy.idle
    assert Remaining(("support",), 2, 3, {"retry_wait": 4, "not started": 1}).line == (
        "reading support, 2 to publish, 3 to decide, 1 commands not started, 4 commands retry_wait"
    )
    far = {"info": "1,000 of 90,000, 400/s, 3:42 left"}
    assert Remaining(("info", "sales"), 0, 0, {}, far=far).line == (
        "reading info (1,000 of 90,000, 400/s, 3:42 left), sales"
    )
    assert Remaining((), 0, 0, {}, deferred=2).line == "2 waiting for facts of Odoo"
    assert Remaining((), 0, 0, {}).line == "idle"
