"""The languages in which a rule can be read, and how one is chosen."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from runtime.errors import InvalidInputError

SOURCE = "en"
"""The language of the messages in the code. It has no catalogue."""


@dataclass(frozen=True, slots=True)
class Language:
    """One language. `locale` names its region in CLDR, which decides on lists, dates and numbers."""

    code: str
    locale: str
    plurals: str
    """gettext's Plural-Forms."""


_ONE = "nplurals=2; plural=(n != 1);"
_ONE_OR_NONE = "nplurals=2; plural=(n > 1);"
_POLISH = "nplurals=3; plural=(n==1 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2);"
LANGUAGES = {
    language.code: language
    for language in (
        Language("en", "en_GB", _ONE),
        Language("de", "de_DE", _ONE),
        Language("es", "es_ES", _ONE),
        Language("fr", "fr_FR", _ONE_OR_NONE),
        Language("nl", "nl_NL", _ONE),
        Language("pt", "pt_BR", _ONE_OR_NONE),
        Language("tr", "tr_TR", _ONE),  # nouns after numbers stay singular, but lists of things have a plural
        Language("pl", "pl_PL", _POLISH),
    )
}


def language_named(name: str) -> Language:
    """`de`, also as `de_AT`, `de-AT` or `de_AT.UTF-8`. Raises InvalidInputError for a language that there is not."""
    found = _found(name)
    if found is None:
        raise InvalidInputError(f"there is no language {name[:40]!r}; known: {', '.join(LANGUAGES)}")
    return found


def language_of(environment: Mapping[str, str]) -> Language:
    """The language of messages as POSIX chooses it (LC_ALL, LC_MESSAGES, LANG); English where it is none of ours."""
    names = (environment.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return _found(next(filter(None, names), SOURCE)) or LANGUAGES[SOURCE]


def _found(name: str) -> Language | None:
    return LANGUAGES.get(re.split("[-_.@]", name, maxsplit=1)[0].lower())
