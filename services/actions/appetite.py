"""How many commands to claim in one transaction: many while they are soon done, few of a slow target."""

MOST = 500
LONG_SECONDS = 1.0
"""What was claimed together should be done in this time: it is held up while the rest is done, and by a stop."""


class Appetite:
    """Of one action type. `least`: what one call of the effect takes; `grows`: whether more may be claimed at all.

    What a dead worker had claimed waits for the end of its lease unless its effect is keyed, so others do not grow.
    """

    def __init__(self, least: int, *, grows: bool) -> None:
        self._least = least
        self._most = max(least, MOST) if grows else least
        self.size = least

    def took(self, asked: int, brought_on: int, seconds: float) -> None:
        """Of `asked` commands so many got ahead in that time; the others are to be claimed once more."""
        if seconds > LONG_SECONDS or 2 * brought_on < asked:
            self.size = max(self._least, self.size // 2)
        elif asked >= self.size and seconds < LONG_SECONDS / 4:
            self.size = min(self._most, self.size * 2)
