"""Which earlier text of a rule may come back."""

from collections.abc import Sequence

from runtime.errors import InvalidInputError
from schemas.rule import Rule
from services.console.stored import RuleRevision


def earlier(rule_id: str, history: Sequence[RuleRevision], revision: int) -> Rule:
    """What a rule said in a revision. Raises InvalidInputError that names those to choose from."""
    found = {each.revision: each for each in history}.get(revision)
    usable = [str(each.revision) for each in history if isinstance(each.content, Rule) and not each.deleted]
    choose = f"choose one of {', '.join(usable)}" if usable else "there is none to go back to"
    if not history:
        raise _refused(f"there is no rule {rule_id} and never was one")
    if found is None:
        raise _refused(f"rule {rule_id} has no revision {revision}; {choose}")
    if found.deleted:
        remedy = "to delete a rule, take it out of its file"
        raise _refused(f"revision {revision} of rule {rule_id} is its deletion; {choose}; {remedy}")
    if not isinstance(found.content, Rule):
        raise _refused(f"revision {revision} of rule {rule_id} has fields that are not known any more; {choose}")
    return found.content


def _refused(text: str) -> InvalidInputError:
    return InvalidInputError(text, code="rollback-refused")
