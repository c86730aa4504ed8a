"""`sender`: the whole address of the first From mailbox, with its domain in either form. No sender matches nothing."""

from schemas.condition import SenderIs
from services.evaluator.conditions.check import LeafCheck
from services.evaluator.conditions.comparison import any_of, wording
from services.evaluator.facts import Facts


def compile_check(condition: SenderIs) -> LeafCheck:
    """Ready to be asked."""
    holds = any_of(condition, folded=lambda facts: facts.sender_forms, composed=lambda facts: facts.sender_texts)
    return LeafCheck("sender", wording(condition), holds, _seen)


def _seen(facts: Facts) -> str:
    return facts.address or "no sender"


def sentence(condition: SenderIs) -> str:
    """In words."""
    return f"the sender's address {wording(condition)}"
