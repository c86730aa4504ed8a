"""Which dead letters there are: letters and marks folded, in one pass that keeps only where what is sought lies."""

from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import zip_longest
from typing import NamedTuple

from pydantic import ValidationError

from runtime.kafka import Lane, Received
from runtime.kafka_scan import PORTION, Scan, Span
from schemas.base import Record, Timestamp
from schemas.dead_letter import DeadLetter, DeadLetterHandled, FailedCommand
from schemas.envelope import header
from schemas.topics import dead_letter_topic

MAX_LETTERS = 300_000
"""Of so many the place is remembered, about 100 MB; those behind are counted only."""


class Place(NamedTuple):
    """Where a letter lies; people and marks name it so."""

    topic: str
    partition: int
    offset: int

    def __str__(self) -> str:
        return f"{self.topic}:{self.partition}:{self.offset}"


class Found(NamedTuple):
    """What is remembered of each letter."""

    place: Place
    id: str
    code: str
    at: datetime


class Head(Record):
    """A letter without its value."""

    id: str
    topic: str
    code: str
    at: Timestamp
    headers: tuple[tuple[str, bytes], ...] = ()
    command: FailedCommand | None = None


class Kept(NamedTuple):
    """A whole letter, and the headers that it came with."""

    place: Place
    letter: DeadLetter
    headers: tuple[tuple[str, bytes], ...]


@dataclass(frozen=True, slots=True)
class Sought:
    """What is asked for; None and empty: whatever. `ids`: letters by place or id, or commands or mails by their id."""

    topics: tuple[str, ...]
    ids: frozenset[str] = frozenset()
    type: str | None = None
    rule: str | None = None
    mailbox: str | None = None
    code: str | None = None
    since: datetime | None = None
    commands_only: bool = False

    def names(self, place: Place, head: Head) -> frozenset[str]:
        """Which of `ids` mean this letter."""
        own = {str(place), str(place).replace("-dlq:", ":", 1), head.id}
        return self.ids & (own | ({str(head.command.event_id)} if head.command is not None else set()))

    def fits(self, head: Head) -> bool:
        """Whether it is asked for by what it says. A mailbox, rule or type is known of failed commands only."""
        command = head.command
        if command is None and (self.commands_only or self.type or self.rule or self.mailbox):
            return False
        if command is not None:
            asked = ((self.type, command.type), (self.rule, command.rule.id), (self.mailbox, command.mailbox))
            if any(wanted not in (None, found) for wanted, found in asked):
                return False
        return self.code in (None, head.code) and (self.since is None or head.at >= self.since)


@dataclass(slots=True)
class Survey:
    """The outcome. `unreadable`: records that are neither letter nor mark. `beyond`: letters that were only counted."""

    sought: Sought
    most: int = MAX_LETTERS
    found: dict[str, Found] = field(default_factory=dict)
    marks: dict[str, DeadLetterHandled] = field(default_factory=dict)
    met: set[str] = field(default_factory=set)
    unreadable: int = 0
    beyond: int = 0
    _handled: set[str] = field(default_factory=set)

    @property
    def open(self) -> list[Found]:
        """Those that nobody handled, the oldest first."""
        return sorted((each for each in self.found.values() if each.id not in self.marks), key=lambda each: each.at)

    @property
    def counts(self) -> dict[tuple[str, str], int]:
        """How many of them there are, by topic and code."""
        return dict(sorted(Counter((each.place.topic, each.code) for each in self.open).items()))

    def take(self, record: Received) -> None:
        """The next record of a partition, in order: a mark comes after its letter, a repeated letter after both."""
        try:
            if header(record.headers, "ce_type") == DeadLetterHandled.ce_type:
                self._take_mark(DeadLetterHandled.model_validate_json(record.value or b""))
            else:
                self._take_letter(record, Head.model_validate_json(record.value or b""))
        except ValidationError:
            self.unreadable += 1

    def _take_letter(self, record: Received, head: Head) -> None:
        if dead_letter_topic(head.topic) != record.topic:
            self.unreadable += 1
            return
        place = Place(record.topic, record.partition, record.offset)
        names = self.sought.names(place, head)
        self.met |= names
        if head.id in self.found or head.id in self._handled or not self.sought.fits(head):
            return
        if self.sought.ids and not names:
            return
        if len(self.found) + len(self._handled) >= self.most:
            self.beyond += 1
            return
        self.found[head.id] = Found(place, head.id, head.code, head.at)

    def _take_mark(self, mark: DeadLetterHandled) -> None:
        if mark.letter not in self.found:
            return
        if self.sought.ids:
            self.marks[mark.letter] = mark
        else:
            del self.found[mark.letter]
            self._handled.add(mark.letter)


async def survey(scan: Scan, sought: Sought, most: int = MAX_LETTERS) -> Survey:
    """Read everything once. Raises TargetDownError."""
    found = Survey(sought, most)
    async for portion in scan.read(await scan.start()):
        for record in portion:
            found.take(record)
    return found


async def letters(scan: Scan, places: Iterable[Place]) -> AsyncIterator[Kept]:
    """Read these again, whole, one portion at a time; in order within a partition."""
    wanted = set(places)
    for spans in _rounds(wanted):
        async for portion in scan.read(spans):
            for record in portion:
                place = Place(record.topic, record.partition, record.offset)
                if place in wanted:
                    yield Kept(place, DeadLetter.model_validate_json(record.value or b""), record.headers)


def _rounds(places: Iterable[Place]) -> list[Mapping[Lane, Span]]:
    """What lies close together is read in one go, and what lies between far ones is not read."""
    runs: dict[Lane, list[Span]] = {}
    for topic, partition, offset in sorted(places):
        lane = runs.setdefault((topic, partition), [])
        if lane and offset - lane[-1][1] < PORTION:
            lane[-1] = (lane[-1][0], offset + 1)
        else:
            lane.append((offset, offset + 1))
    return [
        {lane: span for lane, span in zip(runs, turn, strict=True) if span is not None}
        for turn in zip_longest(*runs.values())
    ]
