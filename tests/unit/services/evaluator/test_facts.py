"""What conditions compare is what patterns search, folded: they must not disagree about a mail."""

from hypothesis import example, given
from hypothesis import strategies as st

from schemas.comparable import fold
from schemas.mail import Address
from schemas.pattern import MAX_SEARCHED_CHARS
from services.evaluator.facts import Facts
from tests.unit.services.evaluator.making import event

LONG = "x" * MAX_SEARCHED_CHARS
DOMAINS = st.sampled_from(
    ["partner.example", "MÜNCHEN.example.", "xn--mnchen-3ya.example", "e\u0301.example", " a.b", ""]
)
ADDRESSES = st.text(max_size=12) | st.tuples(st.text(max_size=8), DOMAINS).map("@".join)


def about(text: str) -> Facts:
    one = Address(address=text)
    return Facts(event(subject=text).model_copy(update={"sender": one, "to": (one,), "cc": (one, one)}))


@given(ADDRESSES)
@example(f"{LONG}@partner.example")
@example(f"é@{LONG}ü")
@example("e\u0301" * MAX_SEARCHED_CHARS)
def test_forms_are_texts_folded(text: str) -> None:
    facts = about(text)
    assert facts.sender.forms == tuple(map(fold, facts.sender_texts)) == facts.to_forms
    assert facts.to_texts == facts.sender_texts
    assert facts.cc_texts == facts.to_texts * 2
    assert facts.subject == fold(facts.subject_text)
    assert all(len(each) <= MAX_SEARCHED_CHARS for each in (facts.subject_text, *facts.sender_texts))


def test_an_address_is_known_in_both_spellings_of_its_domain() -> None:
    both = ("anna@xn--mnchen-3ya.example", "anna@münchen.example")
    for spelling in ("anna@MÜNCHEN.example.", " anna@xn--mnchen-3ya.example "):
        assert about(spelling).sender_texts == both
    assert about("Anna@Partner.Example").sender_texts == ("Anna@partner.example",)
    assert about("nobody").sender_texts == ("nobody",)
    assert about(" ").sender_texts == ()
