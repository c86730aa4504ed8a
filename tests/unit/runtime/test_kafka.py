"""Kafka's errors as ours; the behaviour on brokers is in tests/contract."""

import pytest
from aiokafka import errors as driver

from runtime.errors import MaildeskError, PermanentError, TargetDownError
from runtime.kafka import CompactedReader, Consumer, Producer, _translated

NOBODY = "127.0.0.1:1"


@pytest.mark.parametrize(
    ("raised", "kind", "code"),
    [
        (driver.KafkaConnectionError("x"), TargetDownError, "kafka-down"),
        (driver.NotEnoughReplicasError(), TargetDownError, "kafka-down"),
        (driver.KafkaTimeoutError(), TargetDownError, "kafka-down"),
        (TimeoutError(), TargetDownError, "kafka-down"),
        (ConnectionResetError(), TargetDownError, "kafka-down"),
        (driver.MessageSizeTooLargeError("x"), PermanentError, "record-too-large"),
        (driver.RecordListTooLargeError(), PermanentError, "record-too-large"),
        (driver.RecordTooLargeError(), PermanentError, "record-too-large"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_errors_are_translated(raised: Exception, kind: type[MaildeskError], code: str) -> None:
    with pytest.raises(kind, match="while publishing") as caught, _translated("publishing"):
        raise raised
    assert caught.value.code == code
    assert caught.value.__cause__ is raised


def test_errors_of_ours_pass_unchanged() -> None:
    error = PermanentError("ours", code="ours")
    with pytest.raises(PermanentError) as caught, _translated("publishing"):
        raise error
    assert caught.value is error


@pytest.fixture(params=["producer", "consumer", "reader"])
async def client(request: pytest.FixtureRequest) -> Producer | Consumer | CompactedReader:
    if request.param == "producer":
        return Producer(NOBODY, "test")
    if request.param == "consumer":
        return Consumer(NOBODY, "group", ["topic"])
    return CompactedReader(NOBODY, "topic", "test")


async def test_no_broker_is_a_target_that_is_down(client: Producer | Consumer | CompactedReader) -> None:
    with pytest.raises(TargetDownError) as caught:
        await client.start()
    assert caught.value.code == "kafka-down"
    await client.stop()
