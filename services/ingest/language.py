"""Which language a text is in: a guess by its commonest words, and by its script where that tells.

Bounded: the first 400 characters are looked at. No model: those that exist weigh from 4 to over 100 MB for a fact that
is only good for sorting, and most mail has dozens of these words. A text that does not tell clearly has no language.
"""
# ruff: noqa: RUF001 - these words are meant to be of other alphabets

import re

MAX_CHARS = 400
ENOUGH = 3
"""Different words at least, and so many more than of the next language."""
LEAD = 2
_WORDS = {
    "cs": (
        "že je na se to jsem pro jako ale tak jsme byl aby když nebo jen také prosím děkuji dobrý den která který vás"
    ),
    "da": (
        "og det er jeg ikke til på af en at vi har med for der som den kan hvad hej tak venlig hilsen jeres også være"
    ),
    "de": (
        "und der die das ist nicht wir sie ich mit für auf ein eine den dem zu von haben bitte vielen dank "
        "grüße sind wie uns"
    ),
    "en": (
        "the and you for that with this are have not your our from will please thank regards would we is of "
        "to can be if"
    ),
    "es": (
        "el la los las de que y en un una por con para no es gracias hola saludos usted nos está muy como pero del su"
    ),
    "fi": ("ja on ei se että hän olen mutta kun niin myös kiitos terveisin voi ole meille teidän tämä sekä oli hei"),
    "fr": (
        "le la les des et est une vous nous pour dans pas avec sur que qui merci bonjour cordialement votre "
        "ce je du en au"
    ),
    "hu": ("és hogy nem az egy van meg csak kérem köszönöm üdvözlettel vagy mint ezt már még lehet kell önök tisztelt"),
    "it": (
        "il di che e la per un una con non sono gli del della grazie saluti buongiorno questo come anche ci "
        "si le al dei"
    ),
    "nl": (
        "de het een en van ik je niet zijn voor met dat wij op is groet bedankt graag uw ook naar bij aan "
        "maar kunnen heeft"
    ),
    "no": ("og det er jeg ikke til på av en at vi har med for som den kan hva hei takk vennlig hilsen deres også være"),
    "pl": (
        "i w nie na się że jest do to z jak czy dla proszę dziękuję pozdrawiam dzień dobry oraz jestem "
        "państwa które przez"
    ),
    "pt": (
        "o que e do da em um uma para com não os as por obrigado obrigada olá você está mais como mas foi ao dos das se"
    ),
    "ro": (
        "și nu este că pentru la cu din mai sunt de să vă mulțumesc bună ziua care ce după sau această dumneavoastră"
    ),
    "ru": ("и в не на что с я как это по но мы вы для за спасибо пожалуйста добрый день уважением от вас так же его"),
    "sv": (
        "och det är jag inte till på av en att vi har med för som den kan vad hej tack vänliga hälsningar också vara ni"
    ),
    "tr": (
        "ve bir bu için ile de da çok ne var olarak teşekkürler merhaba iyi saygılarımla daha gibi olan mı size bize"
    ),
    "uk": ("і в не на що з я як це по але ми ви для за дякую будь ласка добрий день повагою від вас так та його її"),
}
_LANGUAGES = tuple(_WORDS)
_OF_WORD: dict[bytes, int] = {}
"""Of each word: 1 in the byte of each language that has it, so that adding these numbers counts for all of them."""
for _place, _text in enumerate(_WORDS.values()):
    for _word in dict.fromkeys(_text.encode().split()):
        _OF_WORD[_word] = _OF_WORD.get(_word, 0) + (1 << 8 * _place)
_KNOWN = frozenset(_OF_WORD)
_SIGNS = bytes.maketrans(b",.;:!?()\"'", b" " * 10)
_SCRIPTS = (
    ("ja", re.compile("[\u3041-\u30ff]")),
    ("ko", re.compile("[\uac00-\ud7a3]")),
    ("zh", re.compile("[\u4e00-\u9fff]")),
    ("el", re.compile("[\u0391-\u03c9]")),
    ("he", re.compile("[\u05d0-\u05ea]")),
    ("th", re.compile("[\u0e01-\u0e3a]")),
)
_ANY_SCRIPT = re.compile("[\u0391-\u03c9\u05d0-\u05ea\u0e01-\u0e3a\u3041-\u30ff\u4e00-\u9fff\uac00-\ud7a3]")
_SHARE = 5
"""One letter in so many is of the script, at least."""


def language_of(text: str) -> str:
    """An ISO 639-1 code, or empty where the text does not tell."""
    start = text[:MAX_CHARS]
    if not start.isascii() and _ANY_SCRIPT.search(start):
        for language, letters in _SCRIPTS:
            if len(letters.findall(start)) * _SHARE >= len("".join(start.split())):
                return language
    words = start.lower().replace("\xa0", " ").encode("utf-8", "replace").translate(_SIGNS).split()
    found = sum(map(_OF_WORD.__getitem__, _KNOWN.intersection(words)))
    counts = found.to_bytes(len(_LANGUAGES), "little")
    next_most, most = sorted(counts)[-2:]
    return _LANGUAGES[counts.index(most)] if most >= ENOUGH and most >= next_most + LEAD else ""
