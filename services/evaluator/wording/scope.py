"""How often an action acts, in words."""

from schemas.scope import Throttle
from services.evaluator.wording.words import Words


def scope_sentence(scope: str | Throttle, words: Words) -> str:
    """Such as: Once per message."""
    if isinstance(scope, Throttle):
        number, unit = int(scope.every[:-1]), scope.every[-1]
        return _per_sender(number, unit, words) if scope.per else _for_all(number, unit, words)
    if scope == "thread":
        return words.gettext("Once per conversation.")
    return words.gettext("Once per mail.")


def _for_all(number: int, unit: str, words: Words) -> str:
    if unit == "m":
        return words.ngettext("At most once per minute.", "At most once every {number} minutes.", number)
    if unit == "h":
        return words.ngettext("At most once per hour.", "At most once every {number} hours.", number)
    return words.ngettext("At most once per day.", "At most once every {number} days.", number)


def _per_sender(number: int, unit: str, words: Words) -> str:
    if unit == "m":
        return words.ngettext(
            "At most once per sender and minute.", "At most once per sender every {number} minutes.", number
        )
    if unit == "h":
        return words.ngettext(
            "At most once per sender and hour.", "At most once per sender every {number} hours.", number
        )
    return words.ngettext("At most once per sender and day.", "At most once per sender every {number} days.", number)
