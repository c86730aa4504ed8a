"""The months that the log is partitioned by, as the first day of each, in UTC."""

from datetime import UTC, date, datetime

EARLIEST = date(2000, 1, 1)


def month_of(moment: datetime) -> date:
    """The month of an aware moment."""
    return moment.astimezone(UTC).date().replace(day=1)


def shift(month: date, count: int) -> date:
    """The month `count` later (or earlier). Raises ValueError beyond the years 1 to 9999."""
    number = month.year * 12 + month.month - 1 + count
    return date(number // 12, number % 12 + 1, 1)


def months_ahead(now: datetime, count: int) -> list[date]:
    """This month and the `count` that follow."""
    current = month_of(now)
    return [shift(current, step) for step in range(count + 1)]


def deserves_partition(month: date, now: datetime, ahead: int) -> bool:
    """Whether a month met in a record is plausible. A wrong clock must not make partitions without end."""
    return EARLIEST <= month <= shift(month_of(now), ahead)
