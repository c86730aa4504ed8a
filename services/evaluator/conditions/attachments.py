"""`attachments`: whether the mail has at least one that meets everything that is given, or none such."""

from collections.abc import Callable, Iterator

from schemas.condition import AttachmentsAre
from schemas.mail import Attachment
from services.evaluator.conditions.check import LeafCheck
from services.evaluator.conditions.comparison import comparison, wording
from services.evaluator.facts import Facts
from services.evaluator.plain_text import compose
from services.evaluator.text import fold, quoted
from services.evaluator.wording.comparing import compared
from services.evaluator.wording.messages import gettext_noop
from services.evaluator.wording.words import Words

_NAMES = {
    "equals": gettext_noop("its name is {values}"),
    "contains": gettext_noop("its name contains {values}"),
    "starts": gettext_noop("its name starts with {values}"),
    "ends": gettext_noop("its name ends with {values}"),
    "matches": gettext_noop("its name matches the pattern {values}"),
}

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


def sentence(condition: AttachmentsAre, words: Words) -> str:
    """In words. What is asked of one attachment stands as clauses side by side."""
    properties = words.side_by_side([*_properties(condition, words)])
    if condition.present:
        if properties:
            # Translators: {properties} is a list such as: its name ends with “.pdf”; it is larger than 2 MB
            return words.gettext(
                "the mail has at least one attachment of which all of this is true: {properties}", properties=properties
            )
        return words.gettext("the mail has at least one attachment")
    if properties:
        return words.gettext(
            "the mail has no attachment of which all of this is true: {properties}", properties=properties
        )
    return words.gettext("the mail has no attachment")


def _properties(condition: AttachmentsAre, words: Words) -> Iterator[str]:
    if condition.name is not None:
        yield compared(condition.name, words, _NAMES)
    if condition.content_type is not None:
        yield words.gettext("its type is {types}", types=words.any_of(condition.content_type))
    if condition.larger_than is not None:
        # Translators: {size} is such as 2 MB or 500 bytes
        yield words.gettext("it is larger than {size}", size=words.size(condition.larger_than))
    if condition.smaller_than is not None:
        yield words.gettext("it is smaller than {size}", size=words.size(condition.smaller_than))
