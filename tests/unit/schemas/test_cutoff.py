"""`actions_since` as people write it and as it is stored."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from schemas.mailbox import Mailbox

SOURCE = {"kind": "maildir", "path": "/mail"}


def made(value: Any) -> Mailbox:
    return Mailbox.model_validate({"id": "support", "source": SOURCE, "actions_since": value})


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2026-11-01", datetime(2026, 11, 1, tzinfo=UTC)),
        (date(2026, 11, 1), datetime(2026, 11, 1, tzinfo=UTC)),
        ("2026-11-01T08:00:00+01:00", datetime(2026, 11, 1, 7, tzinfo=UTC)),
        (datetime(2026, 11, 1, 8), datetime(2026, 11, 1, 8, tzinfo=UTC)),  # noqa: DTZ001 - as YAML gives it
        ("connected", None),
        ("beginning", None),
        (None, None),
    ],
)
def test_what_is_written_is_a_moment(written: Any, moment: datetime | None) -> None:
    assert made(written).acts_since == moment


@pytest.mark.parametrize("written", ["yesterday", "2026-13-01", "2026-02-30", 1, 20261101, True, ["2026-11-01"], ""])
def test_anything_else_is_refused(written: Any) -> None:
    with pytest.raises(ValidationError):
        made(written)


@pytest.mark.parametrize("written", ["2026-11-01", "beginning", None])
def test_it_is_read_as_it_was_stored_and_costs_nothing_where_it_is_left_out(written: Any) -> None:
    stored = made(written).model_dump_json()
    assert Mailbox.model_validate_json(stored) == made(written)
    assert ("actions_since" in stored) is (written is not None)
