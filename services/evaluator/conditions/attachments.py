"""`attachments`: whether the mail has at least one."""

from schemas.condition import AttachmentsAre
from services.evaluator.conditions.check import LeafCheck
from services.evaluator.facts import Facts


def compile_check(condition: AttachmentsAre) -> LeafCheck:
    """Ready to be asked."""
    wanted = condition.present
    return LeafCheck(
        "attachments",
        "at least one" if wanted else "none",
        lambda facts: (facts.attachments > 0) is wanted,
        _seen,
    )


def _seen(facts: Facts) -> str:
    count = facts.attachments
    return "none" if not count else f"{count} attachment{'s' if count > 1 else ''}"


def sentence(condition: AttachmentsAre) -> str:
    """In words."""
    return "the mail has at least one attachment" if condition.present else "the mail has no attachment"
