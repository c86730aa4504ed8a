from prometheus_client import REGISTRY

from runtime.health import Health
from services.ingest.status import StatusBoard


def test_a_mailbox_is_not_ready_before_it_was_read() -> None:
    health = Health()
    board = StatusBoard(health)
    board.add("info")
    assert not health.report()["ready"]
    board.reading("info")
    board.idle("info")
    assert health.report()["ready"]
    assert health.facts["mailboxes"]["info"] == {"state": "idle", "scanned_once": True, "pending": 0}


def test_a_failure_names_the_component_it_is_about() -> None:
    health = Health()
    board = StatusBoard(health)
    board.add("info")
    board.idle("info")
    board.failed("info", "down", 3, ("kafka-down", "Kafka: away"))
    unready = {name for name, state in health.report()["components"].items() if not state["ready"]}
    assert unready == {"kafka"}
    assert health.facts["mailboxes"]["info"] == {"state": "down", "scanned_once": True, "pending": 3}
    board.failed("info", "down", 3, ("imap-connect", "mailbox info is down"))
    assert not health.report()["components"]["mailbox info"]["ready"]
    board.idle("info")
    assert health.report()["ready"]


def test_a_mailbox_counts_as_connected_while_it_answers_whatever_becomes_of_its_mail() -> None:
    def connected() -> float | None:
        return REGISTRY.get_sample_value("maildesk_ingest_connected", {"mailbox": "first look"})

    board = StatusBoard(Health())
    board.add("first look")
    assert connected() == 0
    board.reading("first look")
    assert connected() == 1
    board.failed("first look", "down", 3, ("kafka-down", "Kafka: away"))
    assert connected() == 1
    board.failed("first look", "down", 3, ("imap-connect", "it is down"))
    assert connected() == 0
    board.remove("first look")
    assert connected() is None


def test_a_removed_mailbox_leaves_nothing() -> None:
    health = Health()
    board = StatusBoard(health)
    board.add("info")
    board.version(7)
    board.remove("info")
    assert health.facts == {"ruleset_version": 7, "mailboxes": {}}
    assert health.report()["components"] == {}


def test_an_odoo_that_is_away_is_told_and_makes_nothing_unready() -> None:
    health = Health()
    board = StatusBoard(health)
    board.waiting({"info": 3}, "away")
    assert health.facts["odoo"] == {"state": "away", "waiting": {"info": 3}}
    assert health.report()["components"] == {}
