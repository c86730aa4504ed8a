"""One form for every spelling of a domain, also where a sender makes it as long as a mail may be."""

import pytest

from services.evaluator.domains import LONGEST_NAME, domain_of


@pytest.mark.parametrize(
    ("text", "name", "spellings", "names"),
    [
        ("", "", 1, {""}),
        ("A.b.Example.", "a.b.example", 1, {"a.b.example", "b.example", "example"}),
        ("Bücher.example", "xn--bcher-kva.example", 2, {"xn--bcher-kva.example", "example"}),
        ("xn--bcher-kva.example", "xn--bcher-kva.example", 2, {"xn--bcher-kva.example", "example"}),
    ],
)
def test_the_name_its_spellings_and_what_is_above_it(text: str, name: str, spellings: int, names: set[str]) -> None:
    found = domain_of(text)
    assert (found.name, len(found.spellings), set(found.names)) == (name, spellings, names)


def test_above_a_name_that_is_too_long_are_only_names_that_are_not() -> None:
    longest = f"{'a.' * 123}example"
    assert len(longest) == LONGEST_NAME
    long = f"{'b.' * 100_000}{longest}"
    assert domain_of(long).names == {long} | domain_of(longest).names
    assert domain_of(longest).names > {longest, f"{'a.' * 122}example", "example"}
