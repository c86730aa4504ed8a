"""How late an action may begin, in words."""

from services.evaluator.wording.words import Words


def expiry_sentence(length: str, words: Words) -> str:
    """`length` is a duration as rules write it, such as 2h."""
    number, unit = int(length[:-1]), length[-1]
    if unit == "m":
        return words.ngettext(
            "An action that could not begin within a minute of the decision is skipped.",
            "An action that could not begin within {number} minutes of the decision is skipped.",
            number,
        )
    if unit == "h":
        return words.ngettext(
            "An action that could not begin within an hour of the decision is skipped.",
            "An action that could not begin within {number} hours of the decision is skipped.",
            number,
        )
    return words.ngettext(
        "An action that could not begin within a day of the decision is skipped.",
        "An action that could not begin within {number} days of the decision is skipped.",
        number,
    )
