"""The values of variables are flat, bounded, and never read for variables or markup again."""

import html
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.mail import Address
from schemas.text_template import VARIABLES
from services.actions.effects.odoo_text import as_html, from_line, subject_line, title_of
from services.actions.event_text import MAX_VALUE, fill, flat, values_of
from tests.unit.services.actions.making import mail

EVERYTHING = " ".join("{" + name + "}" for name in VARIABLES)


def test_every_variable_has_a_value() -> None:
    event = mail(subject="Offer", mailbox="sales")
    assert values_of(event).keys() == VARIABLES.keys()
    assert fill(EVERYTHING, event) == "Offer Anna anna@example.org sales 2026-03-01 12:00"


def test_a_mail_without_subject_and_sender_still_reads_well() -> None:
    event = mail(subject=" \n ", sender=None)
    assert fill("{subject} by {sender_name}, {sender_address}", event) == "(no subject) by unknown, unknown"
    event = mail(sender=Address(address="anna@example.org"))
    assert fill("{sender_name}", event) == "anna@example.org"


def test_a_value_is_not_read_for_variables_again() -> None:
    assert fill("{subject} {{x}}", mail(subject="{mailbox} {{")) == "{mailbox} {{ {x}"


@given(st.text())
def test_values_are_one_bounded_line_that_can_be_stored(text: str) -> None:
    line = flat(text)
    assert len(line) <= MAX_VALUE
    assert line.splitlines() in ([], [line])
    assert not any(ord(char) < 32 or 0xD800 <= ord(char) < 0xE000 for char in line)


def test_a_megabyte_is_cut_without_reading_it() -> None:
    begun = time.perf_counter()
    for _ in range(100):
        assert len(flat("x" * 1_000_000)) == MAX_VALUE
    assert time.perf_counter() - begun < 1.0


@given(st.text(max_size=200), st.text(max_size=200))
def test_html_holds_nothing_but_text(subject: str, name: str) -> None:
    event = mail(subject=subject, sender=Address(name=name, address="a@example.org"))
    shown = as_html(fill("<b>{subject}</b>\n{sender_name}", event))
    assert shown.startswith("<p>&lt;b&gt;")
    assert "<" not in shown.replace("<p>", "").replace("</p>", "").replace("<br/>", "")
    assert html.unescape(shown.replace("<br/>", "\n")).count("\n") == 1


@pytest.mark.parametrize("text", ["a\0b", "a\x01b", "a\x1b[31mb", "a\x9bb", "a\ud800b"])
def test_control_characters_do_not_reach_odoo(text: str) -> None:
    for shown in (subject_line(text), as_html(text), from_line(mail(sender=Address(name=text, address=text)))):
        assert not set("\0\x01\x1b\x9b\ud800") & set(shown)


def test_a_title_is_the_rules_or_the_subject() -> None:
    event = mail(subject="Offer\r\nBcc: all@example.org")
    assert title_of("", event) == "Offer Bcc: all@example.org"
    assert title_of("Lead of {sender_name}: {subject}", event) == "Lead of Anna: Offer Bcc: all@example.org"
    assert title_of(" ", mail()) == "(no subject)"
