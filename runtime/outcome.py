"""What became of one record: a step returns it, one place acts on it."""

from dataclasses import dataclass

from runtime.kafka import Outgoing


@dataclass(frozen=True, slots=True)
class Done:
    """Handled; these records follow from it."""

    records: tuple[Outgoing, ...] = ()


@dataclass(frozen=True, slots=True)
class Refused:
    """It can never be handled; it goes to the dead letters with a stable code and a text."""

    code: str
    text: str


Outcome = Done | Refused
