"""How `maildesk generate` brings a catalogue up to date: nothing is guessed, nothing stale is kept."""

from io import BytesIO

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from cli.generate.catalogues import merged

HEADER = 'msgid ""\nmsgstr ""\n"Plural-Forms: nplurals=3; plural=(n==1 ? 0 : n<5 ? 1 : 2);\\n"\n\n'


def catalogue(text: str) -> Catalog:
    return read_po(BytesIO((HEADER + text).encode()), locale="pl")


def code(*messages: str | tuple[str, str]) -> Catalog:
    found = Catalog()
    for message in messages:
        found.add(message)
    return found


def translations(catalog: Catalog) -> dict[object, tuple[str, ...]]:
    """What each message is translated to, as it would be read again."""
    written = BytesIO()
    write_po(written, catalog)
    written.seek(0)
    return {m.id: (m.string,) if isinstance(m.string, str) else tuple(m.string or ()) for m in read_po(written) if m.id}


def test_a_new_message_is_empty_in_every_form_and_others_stay() -> None:
    found = merged(
        catalogue('msgid "Star the mail."\nmsgstr "Gwiazdka."\n'), code("Star the mail.", ("a tag", "{number} tags"))
    )
    assert translations(found) == {"Star the mail.": ("Gwiazdka.",), ("a tag", "{number} tags"): ("", "", "")}


def test_a_changed_message_loses_its_translation_rather_than_keep_a_guess() -> None:
    found = merged(catalogue('msgid "Star the mail."\nmsgstr "Gwiazdka."\n'), code("Star the mail now."))
    assert translations(found) == {"Star the mail now.": ("",)}
    assert not any(message.fuzzy for message in found if message.id)


def test_what_the_code_says_no_more_is_left_out() -> None:
    found = merged(
        catalogue('msgid "Gone."\nmsgstr "Nie ma."\n\n#~ msgid "Long gone."\n#~ msgstr "Dawno nie ma."\n'),
        code("There."),
    )
    assert translations(found) == {"There.": ("",)}
    assert not found.obsolete


def test_the_plural_rule_of_the_catalogue_stays() -> None:
    assert merged(catalogue(""), code(("a tag", "{number} tags"))).num_plurals == 3
