"""Many small random moves at once: single steps of a state machine are too few to lead commands through trouble."""

from collections.abc import Callable
from random import Random

from schemas.action import ACTION_TYPES
from tests.unit.properties.targets import Trouble
from tests.unit.properties.world import PROCESSES, World

TROUBLES: tuple[Trouble, ...] = ("transient", "lost answer", "refused", "down")
WAITS = (0.5, 2.0, 31.0, 120.0, 301.0, 1000.0)


def stir(world: World, random: Random, moves: int) -> None:
    """The workers go on, crash, read again, wait and fail, as `random` says; somebody retries or undoes."""
    kinds: list[tuple[int, Callable[[], None]]] = [
        (50, lambda: _go_on(world, random)),
        (14, lambda: world.consume(random.choice(PROCESSES), random.choice(ACTION_TYPES))),
        (12, lambda: world.sweep(random.choice(PROCESSES), random.choice(ACTION_TYPES))),
        (8, lambda: world.relay(random.choice(PROCESSES))),
        (3, lambda: world.redeliver(random.choice(PROCESSES), random.choice(ACTION_TYPES), random.randrange(20))),
        (2, lambda: world.retry(random.randrange(20), force_unknown=random.random() < 0.3)),
        (5, lambda: world.undo(random.randrange(20), dry_run=random.random() < 0.2)),
        (3, lambda: world.run_again(random.randrange(20))),
        (3, lambda: world.crash(random.choice(PROCESSES))),
        (6, lambda: world.clock.advance(random.choice(WAITS))),
        (3, lambda: world.targets.troubles[random.choice(ACTION_TYPES)].append(random.choice(TROUBLES))),
        (1, lambda: world.store.failures.append(random.choice(("before commit", "after commit")))),
    ]
    for _, move in random.choices(kinds, weights=[weight for weight, _ in kinds], k=moves):
        move()


def _go_on(world: World, random: Random) -> None:
    names = world.scheduler.names
    if names:
        name = random.choice(names)
        for _ in range(random.randint(1, 6)):
            if world.scheduler.busy(name):
                world.scheduler.step(name)
