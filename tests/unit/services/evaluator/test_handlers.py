"""Records to outcomes: what follows from an event, under which trace, and what is refused."""

import json

import pytest
from prometheus_client import REGISTRY

from runtime.kafka import Outgoing, Received
from runtime.outcome import Done, Refused
from schemas.command import ActionCommand
from schemas.decision import Decision
from schemas.envelope import header
from schemas.mail import Published
from services.evaluator.handlers import BACKLOG_TOPICS, LIVE_TOPICS, Handler
from services.evaluator.ruleset import Ruleset
from tests.unit.services.evaluator.making import event, request, rule, ruleset, sent

RULES = ruleset([rule("in"), rule("out", trigger="after_send", actions=[{"id": "t", "type": "tag", "add": ["x"]}])])
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def received(topic: str, value: bytes | None) -> Received:
    return Received(topic, 2, 9, b"support/x", value, (("traceparent", TRACE.encode()),), 0)


def follows(topic: str, record: Published) -> tuple[Outgoing, ...]:
    outcome = Handler(lambda: RULES).handle(received(topic, record.to_json()))
    assert isinstance(outcome, Done)
    return outcome.records


@pytest.mark.parametrize(
    ("topic", "record", "command_topic", "run"),
    [
        ("mail-arrived", event(), "actions-star", "live"),
        ("mail-sent", sent(), "actions-tag", "live"),
        ("evaluation-requested", request(event(), rule="out", dry_run=True), "actions-tag", "run-1"),
        ("evaluation-backlog", request(event()), "actions-star", "run-1"),
    ],
)
def test_the_command_then_the_decision(topic: str, record: Published, command_topic: str, run: str) -> None:
    command, decision = follows(topic, record)
    assert (command.topic, decision.topic) == (command_topic, "automation-decisions")
    assert command.key == decision.key == record.record_key.encode()
    assert ActionCommand.model_validate_json(command.value or b"").run == run
    assert Decision.model_validate_json(decision.value or b"").outcome == "commands"
    assert header(command.headers, "ce_type") == "maildesk.action-command.v1"
    assert header(command.headers, "ce_source") == "/maildesk/evaluator"


def test_what_follows_belongs_to_the_trace_of_its_cause() -> None:
    for each in follows("mail-arrived", event()):
        assert header(each.headers, "traceparent").split("-")[1] == TRACE.split("-")[1]


def test_every_topic_that_is_read_can_be_decoded() -> None:
    for topic in (*LIVE_TOPICS, *BACKLOG_TOPICS):
        outcome = Handler(Ruleset).handle(received(topic, b"{}"))
        assert isinstance(outcome, Refused)
        assert outcome.code == "unreadable-record"


@pytest.mark.parametrize("value", [b"", b"null", b"\xff\xfe", b"[1", b'{"secret": "of the mail"}', b"[" * 100_000])
def test_what_cannot_be_read_is_refused_without_quoting_it(value: bytes) -> None:
    outcome = Handler(lambda: RULES).handle(received("mail-arrived", value))
    assert isinstance(outcome, Refused)
    assert outcome.code == "unreadable-record"
    assert "of the mail" not in outcome.text


def test_a_record_without_a_value_is_refused() -> None:
    assert Handler(lambda: RULES).handle(received("mail-arrived", None)) == Refused(
        "empty-record", "the record has no value"
    )


def test_an_event_with_fields_of_a_later_version_is_read() -> None:
    value = json.dumps({**json.loads(event().to_json()), "mood": "sunny"}).encode()
    assert isinstance(Handler(lambda: RULES).handle(received("mail-arrived", value)), Done)


def test_a_defect_of_ours_costs_one_record_only() -> None:
    def broken() -> Ruleset:
        raise ZeroDivisionError

    outcome = Handler(broken).handle(received("mail-arrived", event().to_json()))
    assert isinstance(outcome, Refused)
    assert (outcome.code, "ZeroDivisionError" in outcome.text) == ("evaluation-failed", True)


def test_what_no_topic_takes_is_refused_as_a_whole() -> None:
    huge = event(subject="x" * 7_000_000)
    outcome = Handler(lambda: RULES).handle(received("mail-arrived", huge.to_json()))
    assert isinstance(outcome, Refused)
    assert outcome.code == "record-too-large"


DAMAGED = json.dumps({**json.loads(event().to_json()), "received_at": "noon"}).encode()


def mixed() -> list[Received]:
    """Of every topic, and in the middle what is refused for every reason."""
    huge = event(subject="x" * 7_000_000)
    return [
        received("mail-arrived", event().to_json()),
        received("mail-sent", sent().to_json()),
        received("mail-arrived", DAMAGED),
        received("mail-arrived", None),
        received("mail-arrived", huge.to_json()),
        received("evaluation-requested", request(event()).to_json()),
        received("mail-arrived", event(subject="another").to_json()),
    ]


@pytest.mark.parametrize("exported", [False, True])
def test_records_that_are_taken_together_have_the_outcomes_of_each_alone(exported: bool) -> None:
    handler = Handler(lambda: RULES, exported=exported)
    together = handler.handle_all(mixed())
    assert [traceless(each) for each in together] == [traceless(handler.handle(each)) for each in mixed()]
    assert [each.code for each in together if isinstance(each, Refused)] == [
        "unreadable-record", "empty-record", "record-too-large",
    ]  # fmt: skip


def traceless(outcome: Done | Refused) -> object:
    """Without the span, which is another one each time where spans are made."""
    if isinstance(outcome, Refused):
        return outcome
    return [(each.topic, each.key, each.value, header(each.headers, "ce_id")) for each in outcome.records]


@pytest.mark.parametrize("refused", [b"poison", None])
def test_what_follows_is_counted_once_although_a_neighbour_is_refused(refused: bytes | None) -> None:
    handler = Handler(lambda: RULES, exported=False)
    before = counted()
    handler.handle_all([received("mail-arrived", value) for value in (event().to_json(), refused, event().to_json())])
    assert counted() - before == 2


def counted() -> float:
    """Events that ended in commands."""
    return REGISTRY.get_sample_value("maildesk_evaluator_events_total", {"outcome": "commands"}) or 0.0


def test_a_record_without_a_trace_takes_none_from_its_neighbour() -> None:
    bare = received("mail-arrived", event().to_json())._replace(headers=())
    first, second = Handler(lambda: RULES, exported=False).handle_all([bare, received("mail-arrived", bare.value)])
    assert isinstance(first, Done)
    assert isinstance(second, Done)
    assert header(first.records[0].headers, "traceparent") != TRACE
    assert header(second.records[0].headers, "traceparent") == TRACE


def matches(name: str) -> float:
    return REGISTRY.get_sample_value("maildesk_evaluator_rule_matches_total", {"mailbox": "support", "rule": name}) or 0


def test_a_rule_that_acts_is_counted_and_a_dry_run_is_not() -> None:
    before = matches("in"), matches("out")
    follows("mail-arrived", event())
    follows("evaluation-requested", request(event(), rule="out", dry_run=True))
    assert (matches("in"), matches("out")) == (before[0] + 1, before[1])
