"""Reads the catalogues: text files (.po) that lie beside the code they are for, so that no compiled copy is stale."""

from functools import cache
from gettext import GNUTranslations, NullTranslations
from importlib.resources import files
from io import BytesIO

from services.evaluator.wording.languages import SOURCE

FOLDER = "catalogues"


@cache
def catalogue(code: str, package: str = __package__) -> NullTranslations:
    """The messages of one of LANGUAGES, read once (about 10 ms). `package` has them in its folder `catalogues`.

    Raises FileNotFoundError where there is no such catalogue.
    """
    if code == SOURCE:
        return NullTranslations()
    # Late: only a preview reads catalogues, and every service starts without.
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    file = files(package) / FOLDER / f"{code}.po"
    compiled = BytesIO()
    write_mo(compiled, read_po(BytesIO(file.read_bytes()), abort_invalid=True))
    compiled.seek(0)
    return GNUTranslations(compiled)
