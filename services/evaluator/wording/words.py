"""Says messages in one language: translated, their values filled in as that language writes them.

A message is a whole sentence with named places such as {folder}, so that each language orders it as it must. A value
of the rule stands in quotation marks, and is never declined.
"""

import re
from collections.abc import Sequence
from datetime import date, time
from gettext import NullTranslations

from babel.dates import format_date, format_time, get_day_names
from babel.lists import format_list
from babel.numbers import format_decimal
from babel.units import format_unit

from services.evaluator.text import cut
from services.evaluator.wording.catalogue import catalogue
from services.evaluator.wording.languages import Language

_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
"""Characters that would break a line, steer a terminal, or turn the text around."""
_UNITS = ((1_000_000, "digital-megabyte"), (1_000, "digital-kilobyte"))


class Words:
    """One language's messages and its ways to write values. Safe to share."""

    def __init__(self, language: Language, translations: NullTranslations) -> None:
        self._locale = language.locale
        self._translations = translations

    def gettext(self, message: str, /, **values: str) -> str:
        """The message in this language."""
        return self._translations.gettext(message).format(**values)

    def ngettext(self, one: str, more: str, number: int, /, **values: str) -> str:
        """The form that the number asks for; it may hold the number itself as {number}."""
        found = self._translations.ngettext(one, more, number)
        return found.format(number=self.number(number), **values)

    def pgettext(self, context: str, message: str, /, **values: str) -> str:
        """A message too short to be clear without its context."""
        return self._translations.pgettext(context, message).format(**values)

    def quoted(self, value: str) -> str:
        """A value of the rule in quotation marks; what nobody can see in it stands as in \\n."""
        value = _UNSEEN.sub(lambda found: found[0].encode("unicode_escape").decode(), value)
        # Translators: the quotation marks around values, with the spaces that they need.
        return self.pgettext("quotation marks", "“{value}”", value=value)

    def excerpt(self, text: str) -> str:
        """The beginning of a text that may have several lines, in quotation marks."""
        return self.quoted(cut(" ".join(text.split())))

    def all_of(self, values: Sequence[str]) -> str:
        """“a”, “b” and “c”."""
        return self.listed([self.quoted(value) for value in values])

    def any_of(self, values: Sequence[str]) -> str:
        """“a”, “b” or “c”."""
        return format_list([self.quoted(value) for value in values], "or", self._locale)

    def listed(self, words: Sequence[str]) -> str:
        """Words as they are: a, b and c."""
        return format_list(words, "standard", self._locale)

    def side_by_side(self, clauses: Sequence[str]) -> str:
        """Clauses that each stand for themselves: a; b; c. Empty for none."""
        if len(clauses) < 2:
            return "".join(clauses)
        first, *rest = clauses
        return self.pgettext("clauses side by side", "{first}; {rest}", first=first, rest=self.side_by_side(rest))

    def number(self, value: int) -> str:
        """Such as 1,000."""
        return format_decimal(value, locale=self._locale)

    def date(self, day: date) -> str:
        """Such as 25 December 2026. In all languages here the day comes first."""
        written = format_date(day, "long", self._locale)
        if day.day > 1:
            return written
        # Translators: how the first day of a month is written before the month's name, such as 1er in French
        return written.replace("1", self.pgettext("first day of a month", "1"), 1)

    def time(self, written: str) -> str:
        """Such as 17:30, given as in rules."""
        return format_time(time.fromisoformat(written), "short", locale=self._locale)

    def weekday(self, day: int) -> str:
        """Such as Monday, which is 0."""
        return str(get_day_names("wide", "format", self._locale)[day])

    def size(self, count: int) -> str:
        """Bytes, such as 2.5 MB (1000²) or 500 kB, when that is exact to one decimal."""
        for factor, unit in _UNITS:
            if count >= factor and count % (factor // 10) == 0:
                return format_unit(count / factor, unit, "short", locale=self._locale)
        return self.ngettext("{number} byte", "{number} bytes", count)


def words_in(language: Language) -> Words:
    """A language's words, its catalogue read."""
    return Words(language, catalogue(language.code))
