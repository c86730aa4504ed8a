"""From a mail to the rules whose guard it meets: hashes for whole texts, an Aho-Corasick automaton for parts.

What it costs depends on the mail and on how many rules are met, not on how many there are.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence

import ahocorasick

from services.evaluator.facts import Facts
from services.evaluator.index.guards import Guard
from services.evaluator.index.looks import Look

Positions = tuple[int, ...]


class RuleIndex:
    """Made once of the guards of rules in their order; immutable afterwards."""

    def __init__(self, guards: Sequence[Guard | None]) -> None:
        self._always = tuple(position for position, guard in enumerate(guards) if guard is None)
        self._losable = tuple(
            position for position, guard in enumerate(guards) if any(term.look.losable for term in guard or ())
        )
        whole: dict[Look, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
        parts: dict[Look, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
        for position, guard in enumerate(guards):
            for term in guard or ():
                (parts if term.part else whole)[term.look][term.text].append(position)
        frozen = [(look.texts, _frozen(found)) for look, found in whole.items()]
        self._whole = tuple((texts, found, found.keys().isdisjoint) for texts, found in frozen)
        self._parts = tuple((look.texts, _automaton(_frozen(found))) for look, found in parts.items())

    def candidates(self, facts: Facts) -> Sequence[int]:
        """Positions of the rules that may match, or cannot be decided, ascending."""
        found: set[int] = set()
        for texts, whole, misses in self._whole:
            if not misses(there := texts(facts)):  # for most mails all that is done: one compiled call
                for text in there:
                    found.update(whole.get(text, ()))
        for texts, automaton in self._parts:
            for text in texts(facts):
                for _, positions in automaton.iter(text):
                    found.update(positions)
        if facts.event.not_kept:
            found.update(self._losable)
        if not found:
            return self._always
        return sorted(found.union(self._always))


def _frozen(found: Mapping[str, list[int]]) -> dict[str, Positions]:
    return {text: tuple(positions) for text, positions in found.items()}


def _automaton(parts: Mapping[str, Positions]) -> ahocorasick.Automaton:
    automaton = ahocorasick.Automaton()
    for text, positions in parts.items():
        automaton.add_word(text, positions)
    automaton.make_automaton()
    return automaton
