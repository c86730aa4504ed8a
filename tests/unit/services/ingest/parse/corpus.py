"""Every mail that the tests of parsing have, by a name of its own."""

import importlib.util
from functools import cache
from pathlib import Path

from tests.unit.services.ingest.parse.oddities import ODDITIES
from tests.unit.services.ingest.parse.test_awkward import CASES
from tests.unit.services.ingest.samples import BOUNCE, HTML, MIXED, PLAIN, REPLY

EXAMPLES = Path(__file__).parents[5] / "examples" / "mail"
SAMPLES = {"plain": PLAIN, "reply": REPLY, "mixed": MIXED, "html": HTML, "bounce": BOUNCE}


@cache
def of_python() -> dict[str, bytes]:
    """The mails of CPython's own tests of `email`; none where the interpreter came without its tests."""
    found = importlib.util.find_spec("test.test_email") if importlib.util.find_spec("test") else None
    folder = Path(found.origin).parent / "data" if found is not None and found.origin else None
    files = sorted(folder.glob("msg_*.txt")) if folder is not None else []
    return {f"python {file.stem}": file.read_bytes() for file in files}


@cache
def ours() -> dict[str, bytes]:
    """The examples, the samples and the awkward ones."""
    return {
        **{f"example {file.stem}": file.read_bytes() for file in sorted(EXAMPLES.glob("*.eml"))},
        **{f"sample {name}": raw for name, raw in SAMPLES.items()},
        **{f"awkward {name}": case.raw for name, case in CASES.items()},
        **{f"odd {name}": raw for name, raw in ODDITIES.items()},
    }


def with_both_line_ends(mails: dict[str, bytes]) -> dict[str, bytes]:
    """Each as it is and, where that is another mail, with CRLF throughout."""
    crlf = {f"{name}, CRLF": raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n") for name, raw in mails.items()}
    return {**mails, **{name: raw for name, raw in crlf.items() if raw not in mails.values()}}
