"""One JSON object a line, with its trace, without what an exception choked on."""

import io
import json
import logging
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from opentelemetry.sdk.trace import TracerProvider

from runtime.logs import JsonFormatter, configure_logs


class Log:
    """A logger of one test, and what it wrote."""

    def __init__(self) -> None:
        self._stream = io.StringIO()
        self.logger = logging.Logger("services.test", logging.DEBUG)  # noqa: LOG001 - one that no other test shares
        handler = logging.StreamHandler(self._stream)
        handler.setFormatter(JsonFormatter("ingest"))
        self.logger.addHandler(handler)

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self._stream.getvalue().splitlines()]


@pytest.fixture
def written() -> Log:
    return Log()


@pytest.fixture
def _root_restored() -> Iterator[None]:
    root = logging.getLogger()
    before = (list(root.handlers), root.level)
    yield
    root.handlers[:], root.level = before[0], before[1]
    for ours in ("runtime", "connectors", "services", "cli", "sandbox"):
        logging.getLogger(ours).setLevel(logging.NOTSET)


def test_a_line_has_its_fields(written: Log) -> None:
    written.logger.info("published %d", 3, extra={"topic": "mail-arrived"})
    (line,) = written.lines
    assert line["message"] == "published 3"
    assert (line["level"], line["service"], line["logger"]) == ("INFO", "ingest", "services.test")
    assert line["topic"] == "mail-arrived"
    assert line["time"].endswith("+00:00")
    assert "trace_id" not in line


def test_extra_fields_cannot_break_the_line(written: Log) -> None:
    written.logger.info("a\nb", extra={"text": 'c"\n\x00ü', "object": object()})
    (line,) = written.lines
    assert line["message"] == "a\nb"
    assert line["text"] == 'c"\n\x00ü'


def test_a_line_inside_a_span_carries_the_trace(written: Log) -> None:
    provider = TracerProvider(shutdown_on_exit=False)
    with provider.get_tracer("test").start_as_current_span("work") as span:
        written.logger.info("inside")
    assert written.lines[0]["trace_id"] == format(span.get_span_context().trace_id, "032x")
    assert written.lines[0]["span_id"] == format(span.get_span_context().span_id, "016x")


def test_an_exception_shows_its_kind_and_place_but_not_its_text(written: Log) -> None:
    try:
        int("Dear Sir, my password is hunter2")
    except ValueError:
        written.logger.exception("cannot read")
    (line,) = written.lines
    assert line["error"] == "ValueError"
    assert line["stack"][0].startswith(__file__)
    assert "hunter2" not in json.dumps(line)


@pytest.mark.usefixtures("_root_restored")
def test_libraries_speak_up_from_warnings_on(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("actions", "DEBUG")
    logging.getLogger().handlers[0].setStream(sys.stderr)  # type: ignore[attr-defined]
    logging.getLogger("services.actions").debug("ours")
    logging.getLogger("faust").info("theirs")
    logging.getLogger("faust").warning("theirs, loud")
    logging.getLogger("aiokafka.conn").error("a driver, many times a second")
    out, err = capsys.readouterr()
    assert out == ""
    assert [json.loads(line)["message"] for line in err.splitlines()] == ["ours", "theirs, loud"]
