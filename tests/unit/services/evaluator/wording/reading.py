"""The catalogues as they lie in the package; that they are current is the business of `maildesk generate --check`."""

from importlib.resources import files
from io import BytesIO

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from services.evaluator import wording
from services.evaluator.wording.catalogue import FOLDER
from services.evaluator.wording.languages import LANGUAGES, SOURCE

OTHERS = [code for code in LANGUAGES if code != SOURCE]


def catalogue_of(code: str) -> Catalog:
    """One language's catalogue."""
    return _read(f"{code}.po", code)


def template() -> Catalog:
    """Every message of the code."""
    return _read("maildesk.pot", None)


def messages(catalog: Catalog) -> list[Message]:
    """The entries without the header."""
    return [message for message in catalog if message.id]


def forms(text: str | list[str] | tuple[str, ...] | None) -> tuple[str, ...]:
    """Singular and plurals of an entry; the one form of those that count nothing. None for no text."""
    if text is None:
        return ()
    return (text,) if isinstance(text, str) else tuple(text)


def _read(name: str, locale: str | None) -> Catalog:
    return read_po(BytesIO((files(wording) / FOLDER / name).read_bytes()), locale=locale, abort_invalid=True)
