"""The facts that ingest reads are those that the standard library reads; each difference has its reason here."""

import pytest

from services.ingest.parse.mail import parse_mail
from tests.unit.services.ingest.parse.corpus import of_python, ours
from tests.unit.services.ingest.parse.stdlib_facts import NOT_READ, our_facts, their_facts

REASONS = {
    "the old form of a name, in a comment after the address, is shown by every mail client": (
        "awkward comment as name: sender", "odd a comment after an address: to", "python msg_01: sender",
        "python msg_03: sender", "python msg_04: sender", "python msg_06: sender", "python msg_14: sender",
        "python msg_20: sender", "python msg_27: sender", "python msg_27: to", "python msg_29: sender",
        "python msg_44: sender",
    ),
    "the library gives up where an address can still be found": (
        "awkward comma in a bare name: sender", "awkward comma lost: to", "awkward comma encoded: to",
        "awkward no address: sender", "python msg_43: sender", "example 08-broken-mime: sender",
    ),
    "a domain is in A-label form, which can be compared; lone surrogates cannot even be stored": (
        "awkward umlaut domain: sender",
    ),
    "an address of 400 characters is none (RFC 5321 §4.5.3.1); the defect says so": (
        "awkward domain too long: sender", "awkward huge Message-ID: message id",
    ),
    "what mailers wrote around a header is passed over: a byte order mark, a blank before the colon": (
        "awkward byte order mark: sender", "awkward byte order mark: message id", "awkward byte order mark: date",
        "awkward byte order mark: names", "awkward byte order mark: text", "odd blank before the colon: subject",
        "odd blank before the colon: names", "odd blank before the colon: values", "odd blank before the colon: text",
    ),
    "an id is compared with those in References, so it has its brackets and no blanks": (
        "awkward bare Message-ID: message id", "awkward folded Message-ID: message id",
    ),
    "the library raises": (
        "awkward empty Message-ID: message id", "awkward empty Message-ID: values", "awkward end of time, west: date",
        "awkward unknown charset: text", "awkward a codec that is no charset: text",
        "example 08-broken-mime: text", "odd an unknown charset: text",
    ),
    "bytes that contradict their charset are guessed (UTF-8, else windows-1252), where the library shows U+FFFD": (
        "awkward 8-bit subject, Latin-1: subject", "awkward 8-bit subject, Latin-1: values",
        "awkward unknown charset in word: subject", "awkward unknown charset in word: values",
        "awkward wrong charset: text", "awkward invalid UTF-8: text", "example 08-broken-mime: subject",
        "example 08-broken-mime: values", "odd Latin-1 headers: subject", "odd Latin-1 headers: values",
        "odd a wrong charset: text",
    ),
    "NULs, lone surrogates and controls are kept out of JSON and Postgres": (
        "awkward NUL in subject: subject", "awkward NUL in subject: values", "awkward NUL in subject: text",
        "awkward lone surrogate by UTF-7: text", "odd controls in the text: text",
        "odd controls beyond ASCII: text", "odd a NUL: text",
    ),
    "a text with a file name is an attachment, and not what the mail says": (
        "awkward file name in words: text", "odd a text that is a file: text", "python msg_04: text",
        "python msg_44: text",
    ),
    "a blank text gives way to the HTML beside it": (
        "awkward empty plain, full HTML: text", "odd a blank text before HTML: text",
    ),
    "a picture that is shown within HTML is no attachment": (
        "awkward picture inside HTML: files", "odd a picture within: files",
    ),
    "what follows a missing segment of a name is still read, with a defect": ("odd segments without end: files",),
    "the name of an external body's file is in Content-Type's parameters": ("python msg_36: files",),
}  # fmt: skip
EXPLAINED = frozenset(name for names in REASONS.values() for name in names)


def differences(mails: dict[str, bytes]) -> tuple[set[str], int]:
    """Names of facts that differ, and how many were compared."""
    found: set[str] = set()
    compared = 0
    for name, raw in mails.items():
        here, there = our_facts(parse_mail(raw)), their_facts(raw)
        asked = [fact for fact in here if there[fact] is not NOT_READ]
        compared += len(asked)
        found |= {f"{name}: {fact}" for fact in asked if here[fact] != there[fact]}
    return found, compared


def test_our_mails_are_read_as_by_the_standard_library() -> None:
    found, compared = differences(ours())
    assert found <= EXPLAINED, sorted(found - EXPLAINED)
    assert compared > 1_200


def test_the_mails_of_python_itself_are_read_as_by_the_standard_library() -> None:
    mails = of_python()
    if not mails:
        pytest.skip("this Python came without test.test_email, whose mails are read here: install its test package")
    found, compared = differences(mails)
    assert found <= EXPLAINED, sorted(found - EXPLAINED)
    assert compared > 400


def test_every_reason_is_still_needed() -> None:
    found, _ = differences({**ours(), **of_python()})
    ours_alone = {name for name in EXPLAINED if not name.startswith("python ")}
    stale = ours_alone - found
    assert len(stale) <= 5, f"the library of this Python no longer differs here: {sorted(stale)}"
