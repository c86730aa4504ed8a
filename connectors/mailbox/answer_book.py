"""Who of many has which answer when the connection breaks in the middle."""

from collections.abc import Iterable
from typing import Generic, TypeVar

from runtime.errors import MaildeskError, OutcomeUnknownError, TargetDownError

T = TypeVar("T")


class AnswerBook(Generic[T]):
    """One line for each of `count` messages, by index."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._answers: dict[int, T | MaildeskError] = {}
        self._begun: set[int] = set()

    @property
    def open(self) -> list[int]:
        """Those without an answer, in order."""
        return [index for index in range(self._count) if index not in self._answers]

    def begin(self, indexes: Iterable[int]) -> None:
        """From here on what happens to these is unknown until they have an answer."""
        self._begun.update(indexes)

    def note(self, index: int, answer: T | MaildeskError) -> None:
        """The first answer stays."""
        self._answers.setdefault(index, answer)

    def break_off(self, error: MaildeskError) -> None:
        """The rest get the error; where it says that a change may have been made, only those that one was sent for."""
        for index in self.open:
            untouched = isinstance(error, OutcomeUnknownError) and index not in self._begun
            self._answers[index] = TargetDownError(error.text, code=error.code) if untouched else error

    def closed(self) -> list[T | MaildeskError]:
        """All answers, in order; each line has one."""
        return [self._answers[index] for index in range(self._count)]
