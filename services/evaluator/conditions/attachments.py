"""`attachments`: whether the mail has at least one that meets everything that is given, or none such."""

from collections.abc import Callable, Iterator

from schemas.condition import AttachmentsAre
from schemas.mail import Attachment
from services.evaluator.conditions.check import LeafCheck
from services.evaluator.conditions.comparison import comparison, wording
from services.evaluator.facts import Facts
from services.evaluator.plain_text import compose
from services.evaluator.text import fold, quoted

Test = Callable[[Attachment], bool]
_SHOWN = 5


def compile_check(condition: AttachmentsAre) -> LeafCheck:
    """Ready to be asked."""
    wanted, tests = condition.present, tuple(_tests(condition))
    expected = ", ".join(["at least one" if wanted else "none", *_wordings(condition)])
    if not tests:
        return LeafCheck("attachments", expected, lambda facts: (facts.attachments > 0) is wanted, _seen)

    def holds(facts: Facts) -> bool:
        return any(all(test(each) for test in tests) for each in facts.event.attachments) is wanted

    return LeafCheck("attachments", expected, holds, _seen_each)


def _tests(condition: AttachmentsAre) -> Iterator[Test]:
    if (name := condition.name) is not None:
        named, form = comparison(name), compose if name.operator == "matches" else fold
        yield lambda each: named(form(each.name))
    if condition.content_type is not None:
        yield _typed(condition.content_type)
    if (least := condition.larger_than) is not None:
        yield lambda each: each.size > least
    if (most := condition.smaller_than) is not None:
        yield lambda each: each.size < most


def _typed(wanted: tuple[str, ...]) -> Test:
    folded = [value.lower() for value in wanted]
    whole = frozenset(value for value in folded if not value.endswith("/*"))
    groups = tuple(value[:-1] for value in folded if value.endswith("/*"))

    def typed(each: Attachment) -> bool:
        found = each.content_type.lower()
        return found in whole or found.startswith(groups)

    return typed


def _seen(facts: Facts) -> str:
    count = facts.attachments
    return "none" if not count else f"{count} attachment{'s' if count > 1 else ''}"


def _seen_each(facts: Facts) -> str:
    given = facts.event.attachments
    shown = [f"{each.name or 'no name'} ({each.content_type}, {each.size:,} bytes)" for each in given[:_SHOWN]]
    return "; ".join(shown + ([f"{len(given) - _SHOWN} more"] if len(given) > _SHOWN else [])) or "none"


def _wordings(condition: AttachmentsAre) -> Iterator[str]:
    if condition.name is not None:
        yield f"its name {wording(condition.name)}"
    if condition.content_type is not None:
        yield f"its type is {quoted(condition.content_type)}"
    if condition.larger_than is not None:
        yield f"it is larger than {condition.larger_than:,} bytes"
    if condition.smaller_than is not None:
        yield f"it is smaller than {condition.smaller_than:,} bytes"


def sentence(condition: AttachmentsAre) -> str:
    """In words."""
    found = "the mail has at least one attachment" if condition.present else "the mail has no attachment"
    more = " and ".join(_wordings(condition))
    return f"{found} of which holds: {more}" if more else found
