"""Whatever crashes, repeats, waits, fails or changes in between: one effect per key, one outcome per command.

Evaluator, engines, sweepers and relay are the real ones, on the fake storage and on targets that count. Two worker
processes stop at every point before and after each transaction, effect and publication, where they are killed or
overtaken by the other.
"""

from random import Random
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from schemas.action import ACTION_TYPES
from schemas.evaluation import EvaluationRequested
from schemas.mail import MailArrived
from schemas.rule import Rule, RuleChanged
from services.evaluator.ruleset import Ruleset, build_ruleset, compile_rule
from tests.unit.properties.ending import check_end, come_to_rest
from tests.unit.properties.stirring import TROUBLES, WAITS, stir
from tests.unit.properties.targets import Trouble
from tests.unit.properties.world import PROCESSES, World
from tests.unit.services.actions.making import (
    LEAD,
    MOVE,
    NOON,
    REPLY,
    STAR,
    TAG,
    known,
    mail,
    mailbox,
    publish,
    publish_rules,
)

BOXES = ("support", "sales")
RULES = {
    "slip": [TAG, STAR, MOVE],
    "lead": [LEAD, {**TAG, "id": "after"}],
    "thread": [{**STAR, "scope": "thread"}, {**LEAD, "scope": "thread"}],
    "mover": [MOVE],
    "reply": [REPLY, {**TAG, "id": "replied"}],
    "reply-once": [{**REPLY, "scope": "thread"}],
}
processes = st.sampled_from(PROCESSES)
kinds = st.sampled_from(ACTION_TYPES)
seeds = st.integers(0, 2**32)
troubles = st.sampled_from(TROUBLES)


class ExactlyOnce(RuleBasedStateMachine):
    """See the module's text."""

    def __init__(self) -> None:
        super().__init__()
        self.mails: list[MailArrived] = []
        self.version = 0
        self.runs = 0
        self.mailboxes = known(*map(mailbox, BOXES))
        self.world = World(Ruleset(), self.mailboxes)
        self.random = Random(0)

    @initialize(enabled=st.sets(st.sampled_from(sorted(RULES)), min_size=1), stop=st.booleans(), seed=seeds)
    def first_rules(self, enabled: set[str], stop: bool, seed: int) -> None:
        self.random.seed(seed)
        self.change_rules(enabled, stop)

    @rule(enabled=st.sets(st.sampled_from(sorted(RULES))), stop=st.booleans())
    def change_rules(self, enabled: set[str], stop: bool) -> None:
        self.version += 1
        rules = [_rule(name, box, enabled, stop) for name in RULES for box in BOXES]
        publish_rules(self.world.rule_heads, self.version, *rules)
        compiled = [compile_rule(RuleChanged(version=self.version, revision=self.version, rule=each)) for each in rules]
        self.world.rules = build_ruleset(self.version, map(mailbox, BOXES), compiled)
        stir(self.world, self.random, 5)

    @rule(on=st.booleans())
    def switch_a_mailbox(self, on: bool) -> None:
        publish(self.mailboxes, mailbox("support", automation=on))

    @rule(box=st.sampled_from(BOXES), conversation=st.integers(1, 2))
    def a_mail_comes(self, box: str, conversation: int) -> None:
        number = len(self.mails) + 1
        place = conversation + 10 * BOXES.index(box)
        found = mail(number, conversation=place, mailbox=box, references=(f"<root{conversation}@example.org>",))
        self.mails.append(found)
        self.world.decide(found)
        stir(self.world, self.random, 15)

    @precondition(lambda self: self.mails)
    @rule(which=st.integers(0, 99))
    def a_mail_is_delivered_again(self, which: int) -> None:
        self.world.decide(self.mails[which % len(self.mails)])

    @precondition(lambda self: self.mails)
    @rule(which=st.integers(0, 99), name=st.sampled_from(sorted(RULES)), how=st.sampled_from(["dry", "force", "plain"]))
    def somebody_runs_a_rule(self, which: int, name: str, how: str) -> None:
        self.runs += 1
        event = self.mails[which % len(self.mails)]
        request = EvaluationRequested(
            run=f"run-{self.runs}",
            event=event,
            rule=f"{name}-{event.mailbox}",
            dry_run=how == "dry",
            force=how == "force",
            requested_at=NOON,
        )
        self.world.decide(request)
        stir(self.world, self.random, 15)

    @rule(which=st.integers(0, 99), force=st.booleans())
    def somebody_retries_what_failed(self, which: int, force: bool) -> None:
        self.world.retry(which, force_unknown=force)
        stir(self.world, self.random, 10)

    @rule(moves=st.sampled_from([20, 80]))
    def the_workers_work(self, moves: int) -> None:
        stir(self.world, self.random, moves)

    @precondition(lambda self: self.world.scheduler.names)
    @rule(process=processes)
    def a_worker_is_killed(self, process: str) -> None:
        self.world.crash(process)

    @rule(seconds=st.sampled_from(WAITS))
    def time_passes(self, seconds: float) -> None:
        self.world.clock.advance(seconds)

    @rule(kind=kinds, trouble=troubles, times=st.integers(1, 4))
    def a_target_fails(self, kind: str, trouble: Trouble, times: int) -> None:
        self.world.targets.troubles[kind] += [trouble] * times

    @rule(when=st.sampled_from(["before commit", "after commit"]))
    def postgres_fails(self, when: str) -> None:
        self.world.store.failures.append("before commit" if when == "before commit" else "after commit")

    @invariant()
    def nothing_forbidden_was_done(self) -> None:
        assert not self.world.targets.violations, self.world.targets.violations

    def teardown(self) -> None:
        try:
            stir(self.world, self.random, 100)
            come_to_rest(self.world)
            self.nothing_forbidden_was_done()
            check_end(self.world)
            self._every_mail_was_decided()
        finally:
            self.world.scheduler.close()

    def _every_mail_was_decided(self) -> None:
        live: dict[UUID, set[UUID]] = {event.event_id: set() for event in self.mails}
        for decision in self.world.decisions:
            if decision.run == "live":
                live[decision.event_id].add(decision.decision_id)
        assert all(live.values())


def _rule(name: str, box: str, enabled: set[str], stop: bool) -> Rule:
    return Rule.model_validate(
        {
            "id": f"{name}-{box}",
            "mailbox": box,
            "enabled": name in enabled,
            "actions": RULES[name],
            "on_error": "stop" if stop else "continue",
        }
    )


CALM = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]


def test_exactly_once() -> None:
    run_state_machine_as_test(
        ExactlyOnce,
        settings=settings(
            max_examples=100,
            stateful_step_count=30,
            derandomize=True,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=CALM,
        ),
    )


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_exactly_once_for_long() -> None:
    run_state_machine_as_test(
        ExactlyOnce,
        settings=settings(
            max_examples=3_000, stateful_step_count=60, deadline=None, database=None, suppress_health_check=CALM
        ),
    )
