"""`sender`: the whole address of the first From mailbox, with its domain in either form. No sender matches nothing."""

from schemas.condition import SenderIs
from services.evaluator.conditions.check import LeafCheck
from services.evaluator.conditions.comparison import any_of, wording
from services.evaluator.facts import Facts
from services.evaluator.wording.comparing import compared
from services.evaluator.wording.messages import gettext_noop
from services.evaluator.wording.words import Words

_SENTENCES = {
    "equals": gettext_noop("the sender's address is {values}"),
    "contains": gettext_noop("the sender's address contains {values}"),
    "starts": gettext_noop("the sender's address starts with {values}"),
    "ends": gettext_noop("the sender's address ends with {values}"),
    "matches": gettext_noop("the sender's address matches the pattern {values}"),
}


def compile_check(condition: SenderIs) -> LeafCheck:
    """Ready to be asked."""
    holds = any_of(condition, folded=lambda facts: facts.sender.forms, composed=lambda facts: facts.sender_texts)
    return LeafCheck("sender", wording(condition), holds, _seen)


def _seen(facts: Facts) -> str:
    return facts.sender.address or "no sender"


def sentence(condition: SenderIs, words: Words) -> str:
    """In words."""
    return compared(condition, words, _SENTENCES)
