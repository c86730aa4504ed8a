"""Patterns: what RE2 refuses is named, what it takes is searched in linear time."""

import time

import pytest

from schemas.pattern import MAX_SEARCHED_CHARS, check_pattern, compile_pattern


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        (r"(a)\1", r"invalid escape sequence: .1; back-references are not supported"),
        ("a(?=b)", "look-ahead and look-behind are not supported"),
        ("a(?!b)", "look-ahead and look-behind are not supported"),
        ("(?<=a)b", "look-ahead and look-behind are not supported"),
        ("(?<!a)b", "look-ahead and look-behind are not supported"),
        ("(?>a)b", "refused by RE2: invalid perl operator: .*wiki/Syntax"),
        ("(a", r"missing \): .*wiki/Syntax"),
        ("[z-a]", "invalid character class range: z-a"),
        ("a{1001}", "invalid repetition size"),
        ("((a{100}){100}){100}", "invalid repetition size"),
        (r"(\pL{500}){2}", "pattern too large.*; repeat less"),
        ("\ud800", "half of a surrogate pair"),
    ],
)
def test_what_is_refused_says_why(pattern: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        check_pattern(pattern)


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        (r"\bRE-\d{4}\b", "your invoice re-4711, please", True),
        (r"^invoice", "Your invoice", False),
        (r"^(invoice|rechnung)\s+\d+$", "RECHNUNG 12", True),
        ("ÜBER", "über", True),
        ("u\u0308ber", "\xfcber", True),
        ("^.$", "\xfc", True),
        ("strasse", "stra\xdfe", False),
        ("x*", "", True),
        ("a.b", "a\ud800b", True),
    ],
)
def test_a_pattern_searches_without_regard_to_case(pattern: str, text: str, found: bool) -> None:
    assert check_pattern(pattern) == pattern
    assert compile_pattern(pattern)(text) is found


def test_only_the_beginning_of_a_text_is_searched() -> None:
    found = compile_pattern("needle")
    assert found("x" * (MAX_SEARCHED_CHARS - 6) + "needle")
    assert not found("x" * (MAX_SEARCHED_CHARS - 5) + "needle")


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|aa)+$", "(a*)*b", "(x+x+)+y", "(.*)(.*)(.*)z"])
def test_a_pattern_that_ruins_other_engines_costs_next_to_nothing(pattern: str) -> None:
    found, text = compile_pattern(pattern), "a" * 1_000_000 + "!"
    began = time.process_time()
    assert not found(text[-MAX_SEARCHED_CHARS:])
    found(text)
    assert time.process_time() - began < 0.5
