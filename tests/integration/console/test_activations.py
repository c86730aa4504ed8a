"""The revision with which a rule was last switched on, as its records say it."""

from runtime.postgres import Database
from schemas.rule import RuleChanged
from services.console.outbox import publish_pending, republish_all
from services.console.store import apply, roll_back
from tests.integration.console.test_store import Broker, store
from tests.unit.services.console.test_plan import mailbox, rule

__all__ = ["store"]


def told(broker: Broker) -> list[tuple[int, int]]:
    """Revision and activation of every record of rule `a`."""
    values = [record.value for record in broker.records if record.key == b"rule/a" and record.value is not None]
    found = [RuleChanged.model_validate_json(value) for value in values]
    return [(each.revision, each.activated) for each in found]


async def saved(store: Database, *, enabled: bool = True, order: int = 100, there: bool = True) -> None:
    rules = [rule("a", enabled=enabled, order=order)] if there else []
    await apply(store, [*rules, rule("b", order=order)], [mailbox()], owner="f", author="anna")


async def test_it_is_kept_while_the_rule_stays_on_and_raised_when_it_comes_back(store: Database) -> None:
    broker = Broker()
    await saved(store, enabled=False)
    await saved(store)
    await saved(store, order=101)
    await saved(store, order=102)
    await saved(store, enabled=False)
    await saved(store, enabled=False, order=103)
    await saved(store)
    await saved(store, there=False)
    await saved(store)
    await saved(store, order=104)
    await publish_pending(store, broker)
    expected = [(1, 0), (2, 2), (3, 2), (4, 2), (5, 0), (6, 0), (7, 7), (9, 9), (10, 9)]
    assert told(broker) == expected


async def test_a_rollback_and_a_new_broker_know_it_too(store: Database) -> None:
    for enabled in (True, False):
        await saved(store, enabled=enabled)
    await roll_back(store, "a", 1, author="anna")
    await roll_back(store, "a", 1, author="anna")
    await saved(store, order=101)
    broker, new = Broker(), Broker()
    await publish_pending(store, broker)
    assert told(broker) == [(1, 1), (2, 0), (3, 3), (4, 3)]
    await republish_all(store, new)
    assert told(new) == [(4, 3)]
    await saved(store, enabled=False)
    await republish_all(store, new)
    assert told(new)[-1] == (5, 0)
