"""What `up` says is in the way."""

from cli.progress import named_problem
from runtime.health import Health
from services.ingest.status import StatusBoard


def test_a_server_that_is_away_is_not_the_mailbox_s_fault() -> None:
    health = Health()
    board = StatusBoard(health)
    board.add("info")
    assert named_problem(_status(health), ["info"]) is None
    board.failed("info", "down", 1, ("kafka-down", "Kafka: TimeoutError while publishing"))
    assert named_problem(_status(health), ["info"]) == "Kafka: TimeoutError while publishing"
    board.idle("info")
    assert named_problem(_status(health), ["info"]) is None


def test_a_mailbox_that_is_away_is_named() -> None:
    health = Health()
    board = StatusBoard(health)
    board.add("info")
    board.add("sales")
    board.idle("info")
    board.failed("sales", "down", 0, ("imap-connect", "no answer"))
    assert named_problem(_status(health), ["info", "sales"]) == "mailbox sales: no answer"
    assert named_problem(_status(health), ["info"]) is None
    assert named_problem({}, ["info"]) is None


def _status(health: Health) -> dict[str, object]:
    """As /status has it."""
    return {**health.report(), "facts": health.facts}
