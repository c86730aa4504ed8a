"""`reply_state`: where the mail stood in its conversation when the ledger first saw it. Four pairs of opposites."""

from collections.abc import Callable
from dataclasses import dataclass

from schemas.condition import ReplyStateIs
from schemas.mail import ReplyState
from services.evaluator.conditions.check import Check
from services.evaluator.conditions.kept import NOT_KEPT, KeptLeaf
from services.evaluator.facts import Facts
from services.evaluator.wording.messages import gettext_noop
from services.evaluator.wording.words import Words


@dataclass(frozen=True, slots=True, eq=False)
class _Pair:
    """A question with two answers; `asked` decides which. Compared by identity, which is quicker to hash."""

    yes: str
    no: str
    asked: Callable[[ReplyState], bool]

    def answer(self, facts: Facts) -> str:
        if facts.event.not_kept and not self.tells(facts):
            return NOT_KEPT
        return self.yes if self.asked(facts.reply_state) else self.no

    def tells(self, facts: Facts) -> bool:
        """Without its headers a mail may still show signs of a program, but never that there are none."""
        return self.yes != "automatic" or "headers" not in facts.event.not_kept or self.asked(facts.reply_state)


_PAIRS = (
    _Pair("reply", "new", lambda state: state.is_reply),
    _Pair("first_contact", "known_sender", lambda state: state.first_contact),
    _Pair("answered", "unanswered", lambda state: state.answered),
    _Pair("automatic", "personal", lambda state: bool(state.automatic)),
)
_PAIR_OF = {word: pair for pair in _PAIRS for word in (pair.yes, pair.no)}
_SENTENCES = {
    "reply": gettext_noop("the mail is a reply"),
    "new": gettext_noop("the mail starts a new conversation"),
    "first_contact": gettext_noop("the sender writes to this mailbox for the first time"),
    "known_sender": gettext_noop("the sender has written to this mailbox before"),
    "answered": gettext_noop("the mailbox has already written in this conversation"),
    "unanswered": gettext_noop("the mailbox has not written in this conversation yet"),
    "automatic": gettext_noop("a program sent the mail (a newsletter, a notification, an automatic reply)"),
    "personal": gettext_noop("a person wrote the mail"),
}


def compile_check(condition: ReplyStateIs) -> Check:
    """Ready to be asked."""
    pair, wanted = _PAIR_OF[condition.equals], condition.equals
    return KeptLeaf("reply_state", f"is {wanted}", lambda facts: pair.answer(facts) == wanted, pair.answer, pair.tells)


def sentence(condition: ReplyStateIs, words: Words) -> str:
    """In words."""
    return words.gettext(_SENTENCES[condition.equals])
