"""A domain as a function of a snapshot. Pure and deterministic; nothing is read but the snapshot.

Every term is asked, as Odoo asks them all: a term without an answer leaves the whole domain without one, whatever the
others say.
"""

from collections.abc import Callable, Sequence

from schemas.domain import Leaf, Terms
from schemas.facts import Snapshot
from services.evaluator.odoo_domain.leaf import LeafTest, compile_leaf
from services.evaluator.odoo_domain.scene import Scene
from services.evaluator.odoo_domain.undecidable import CannotTellError, Undecidable

Answer = bool | Undecidable
Evaluate = Callable[[Snapshot], Answer]


def compile_domain(domain: Terms) -> Evaluate:
    """Ready to be asked of many snapshots: True, False, or Undecidable with the path."""
    within = compile_terms(domain)

    def evaluate(snapshot: Snapshot) -> Answer:
        try:
            return within(Scene(snapshot, snapshot))
        except CannotTellError as error:
            return error.outcome

    return evaluate


def compile_terms(terms: Terms) -> LeafTest:
    """The same inside a snapshot; raises CannotTellError where there is no answer."""
    tests = compile_leaves(terms)
    if len(tests) == len(terms) == 1:
        return tests[0]

    def holds(scene: Scene) -> bool:
        return combined(terms, [test(scene) for test in tests])

    return holds


def compile_leaves(terms: Terms) -> tuple[LeafTest, ...]:
    """The tests of the leaves, in the domain's order."""
    return tuple(compile_leaf(term, compile_terms) for term in terms if isinstance(term, Leaf))


def combined(terms: Terms, held: Sequence[bool]) -> bool:
    """What the operators make of the leaves' answers. Terms that stand side by side must all hold."""
    stack: list[bool] = []
    position = len(held)
    for term in reversed(terms):
        if isinstance(term, Leaf):
            position -= 1
            stack.append(held[position])
        elif term == "!":
            stack.append(not stack.pop())
        else:
            first, second = stack.pop(), stack.pop()
            stack.append((first and second) if term == "&" else (first or second))
    return all(stack)
