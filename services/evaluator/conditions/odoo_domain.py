"""`odoo_domain`: whether the mail, its sender's partner or its record is in an Odoo domain."""

from dataclasses import dataclass

from schemas.condition import OdooDomainIs
from schemas.domain import plain
from schemas.facts import Snapshot
from services.evaluator.conditions.check import Answer, Answers, Ask, Check, Held
from services.evaluator.facts import Facts, Show
from services.evaluator.odoo_domain.evaluate import Evaluate, compile_domain
from services.evaluator.odoo_domain.explain import explain
from services.evaluator.odoo_domain.subject import Nobody, Subject, Unknown, subject_of
from services.evaluator.odoo_domain.undecidable import Undecidable
from services.evaluator.text import cut
from services.evaluator.wording.words import Words

_SUBJECTS = {"message": "the mail", "partner": "the sender's partner", "record": "the mail's record"}


@dataclass(frozen=True, slots=True)
class DomainCheck(Check):
    """A domain ready to be asked; unlike other leaves it may have no answer."""

    condition: OdooDomainIs
    evaluate: Evaluate
    kind: str
    expected: str

    @property
    def seen(self) -> Show:
        """The terms that settled it, with what stood there; why, where it cannot be told."""
        return self._seen

    def asking(self, path: str = "") -> Ask:
        """All four answers are made beforehand."""
        yes, no = (Answer(self, path, held=True),), (Answer(self, path, held=False),)
        unclear, missing = (Answer(self, path, held=None),), (Answer(self, path, held=None, missing=True),)

        def ask(facts: Facts) -> tuple[Held, Answers]:
            subject = self._subject(facts)
            if isinstance(subject, Nobody):
                return False, no
            if isinstance(subject, Unknown):
                return None, missing if subject.missing else unclear
            answer = self.evaluate(subject)
            if isinstance(answer, Undecidable):
                return None, missing if _waits(answer, facts) else unclear
            return (True, yes) if answer else (False, no)

        return ask

    def _subject(self, facts: Facts) -> Subject:
        if self.condition.on == "message" and facts.event.hosted is None:
            return facts.message
        return subject_of(facts.event.odoo, self.condition)

    def _seen(self, facts: Facts) -> str:
        subject = self._subject(facts)
        return _shown(self.condition, subject) if isinstance(subject, Snapshot) else subject.text


def _waits(answer: Undecidable, facts: Facts) -> bool:
    """The author of a mail that is not in Odoo is the sender's partner."""
    odoo = facts.event.odoo
    return odoo is not None and "partner" in odoo.missing and answer.path.split(".")[0] == "author_id"


def _shown(condition: OdooDomainIs, snapshot: Snapshot) -> str:
    explanation = explain(condition.domain, snapshot)
    if isinstance(explanation.answer, Undecidable):
        return explanation.answer.reason
    return "; ".join(f"{leaf.text}: {leaf.seen}" for leaf in explanation.leaves if leaf.decided)


def compile_check(condition: OdooDomainIs) -> DomainCheck:
    """Ready to be asked."""
    return DomainCheck(condition, compile_domain(condition.domain), "odoo_domain", _wording(condition))


def _wording(condition: OdooDomainIs) -> str:
    record = f" ({condition.model})" if condition.on == "record" else ""
    return f"{_SUBJECTS[condition.on]}{record} is in {cut(str(plain(condition.domain)))}"


def sentence(condition: OdooDomainIs, words: Words) -> str:
    """In words. The domain stands as Odoo writes it."""
    domain = cut(str(plain(condition.domain)))
    if condition.on == "message":
        # Translators: an Odoo domain is a filter expression, such as [('priority', '=', '1')]
        return words.gettext("the mail is in the Odoo domain {domain}", domain=domain)
    if condition.on == "partner":
        # Translators: the contact in Odoo with the sender's address
        return words.gettext("the sender's contact is in the Odoo domain {domain}", domain=domain)
    return words.gettext(
        # Translators: {model} is a technical name such as “crm.lead”
        "the mail's record of the model {model} is in the Odoo domain {domain}",
        model=words.quoted(condition.model),
        domain=domain,
    )
