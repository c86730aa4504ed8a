"""Letting the world come to rest, and what must hold then."""

from collections import defaultdict
from uuid import UUID

from schemas.action import ACTION_TYPES
from schemas.command import ActionCommand
from schemas.dead_letter import DeadLetter
from schemas.result import ExecutionResult
from schemas.topics import action_topic, dead_letter_topic
from services.actions.states import State
from tests.unit.properties.world import PROCESSES, World

ROUNDS = 300
WORKER_DIED = "worker-died"
OUTCOME_UNKNOWN = {"auto_reply": "outcome-unknown"}
"""The ends that say themselves that they may have acted: looking for what was done could not be finished, or found
nothing where nobody can be asked."""


def come_to_rest(world: World) -> None:
    """Everything works again and time passes; nothing may be left over."""
    world.targets.troubles.clear()
    world.store.failures.clear()
    for number in range(ROUNDS):
        _finish(world)
        if _quiet(world):
            return
        world.clock.advance(50.0 if number % 2 else 1.0)
        for process in PROCESSES:
            for kind in ACTION_TYPES:
                world.consume(process, kind)
                world.sweep(process, kind)
            world.relay(process)
    left = [
        (str(identity), row.state, row.wait_reason)
        for identity, row in world.store.tables.commands.items()
        if not row.state.final
    ]
    raise AssertionError(f"stuck: {left or 'records that nobody reads'}")


def _finish(world: World) -> None:
    for _ in range(1_000):
        names = world.scheduler.names
        if not names:
            return
        moved = [world.scheduler.step(name) for name in names if world.scheduler.busy(name)]
        assert any(moved), f"they wait for each other: {names}"
    raise AssertionError(f"never ends: {world.scheduler.names}")


def _quiet(world: World) -> bool:
    tables = world.store.tables
    return (
        all(row.state.final for row in tables.commands.values())
        and all(queued.published for queued in tables.outbox.values())
        and all(len(world.log.topics[action_topic(k)]) == world.log.offsets[action_topic(k)] for k in ACTION_TYPES)
    )


def check_end(world: World) -> None:
    """The log, the targets and the store tell the same story."""
    _every_command_has_one_outcome(world)
    _every_failed_command_has_one_letter(world)
    _effects_are_what_the_log_says(world)
    _slips_were_kept_in_order(world)
    assert all(claim.succeeded for claim in world.store.tables.claims.values()), "a claim was left behind"


def _every_command_has_one_outcome(world: World) -> None:
    commands = world.store.tables.commands
    announced = {emitted.command_id for decision in world.decisions for emitted in decision.commands}
    announced |= {row.next_command for row in world.log.rows.values() if row.next_command is not None}
    assert set(commands) == set(world.log.rows) == announced | world.retried | world.undos
    for identity, row in commands.items():
        logged = world.log.rows[identity]
        assert (logged.state, logged.sequence) == (row.state, row.sequence), identity
        assert len(world.log.finals[identity]) == 1, identity


def _every_failed_command_has_one_letter(world: World) -> None:
    """Published twice it is still one: the same id on the same topic, the same bytes."""
    letters: dict[str, set[tuple[str, bytes]]] = defaultdict(set)
    for kind in ACTION_TYPES:
        topic = dead_letter_topic(action_topic(kind))
        for record in world.log.topics[topic]:
            letter = DeadLetter.model_validate_json(record.value or b"")
            letters[letter.id].add((topic, record.value or b""))
            assert ActionCommand.model_validate_json(letter.value or b"").command_id == UUID(letter.id)
    failed = {str(row.command_id): row for row in world.log.rows.values() if row.state == "failed"}
    assert set(letters) == set(failed), "letters are not what failed"
    for identity, copies in letters.items():
        ((topic, value),) = copies
        assert topic == dead_letter_topic(action_topic(failed[identity].type))
        assert DeadLetter.model_validate_json(value).code == failed[identity].reason


def _effects_are_what_the_log_says(world: World) -> None:
    succeeded: dict[str, list[UUID]] = defaultdict(list)
    unknown = set()
    for identity, row in world.log.rows.items():
        if row.state == "succeeded":
            succeeded[row.idempotency_key].append(identity)
        if row.reason in (WORKER_DIED, OUTCOME_UNKNOWN.get(row.type)) or _may_be_undone(row):
            unknown.add(row.idempotency_key)
    for key, ids in succeeded.items():
        assert len(ids) == 1, f"{key} succeeded {len(ids)} times"
        assert world.targets.applied[key] == 1, f"{key} succeeded, but was done {world.targets.applied[key]} times"
    for key in +world.targets.applied:
        assert key in succeeded or key in unknown, f"{key} was done, and the log does not know"
    for subject, keys in world.targets.leads.items():
        assert len([key for key in keys if key not in unknown]) <= 1, f"leads of {subject}: {keys}"


def _may_be_undone(row: ExecutionResult) -> bool:
    """Of an undo whose last attempt was not answered: nothing on a target tells that it was taken back."""
    return row.undoes is not None and row.reason == "outcome-unknown"


def _slips_were_kept_in_order(world: World) -> None:
    steps: dict[tuple[UUID, str, str], list[int]] = defaultdict(list)
    for job in world.targets.order:
        command = job.command
        steps[command.event.event_id, command.run, command.rule.id].append(len(command.slip))
    for slip, left in steps.items():
        assert left == sorted(left, reverse=True), f"{slip} was done out of order"
    for row in world.store.tables.commands.values():
        command = row.new.command
        following = command.following()
        if following is not None:
            after = world.log.rows[following.command_id]
            halted = command.on_error == "stop" and row.state is State.FAILED
            halted = halted or (world.log.rows[command.command_id].reason == "stopped")
            # What lost a conflict is skipped for that, whatever happened before it.
            assert (after.reason == "stopped") == (halted and after.reason != "conflict"), "on_error was not kept"
