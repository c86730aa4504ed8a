"""Leaves about what a mail's source may have thrown away: then nobody can tell, and no rule acts on it."""

from collections.abc import Callable
from dataclasses import dataclass

from services.evaluator.conditions.check import Answer, Ask, LeafCheck
from services.evaluator.facts import Facts

NOT_KEPT = "not known: Odoo does not keep it"


@dataclass(frozen=True, slots=True)
class KeptLeaf(LeafCheck):
    """`tells`: whether a mail whose source threw something away (`not_kept`) still tells; asked of such mail only."""

    tells: Callable[[Facts], bool]

    def asking(self, path: str = "") -> Ask:
        """All three answers are made beforehand."""
        yes, no = (Answer(self, path, held=True),), (Answer(self, path, held=False),)
        unclear = (Answer(self, path, held=None),)
        test, tells = self.test, self.tells

        def ask(facts: Facts) -> tuple[bool | None, tuple[Answer, ...]]:
            if facts.event.not_kept and not tells(facts):
                return None, unclear
            return (True, yes) if test(facts) else (False, no)

        return ask
