"""When a rule is tried, and whether: its trigger, its switch, its mode and its backlog."""

from collections.abc import Iterator

from schemas.rule import Backlog, Rule
from services.evaluator.wording.messages import gettext_noop
from services.evaluator.wording.words import Words

_ALWAYS = {
    "incoming": gettext_noop("When a mail arrives in the mailbox {mailbox}, always:"),
    "after_send": gettext_noop("When the mailbox {mailbox} has sent a mail, always:"),
    "manual": gettext_noop("When someone runs this rule by hand on a mail of the mailbox {mailbox}, always:"),
}
_IF = {
    "incoming": gettext_noop("When a mail arrives in the mailbox {mailbox} and the following is true:"),
    "after_send": gettext_noop("When the mailbox {mailbox} has sent a mail and the following is true:"),
    "manual": gettext_noop(
        "When someone runs this rule by hand on a mail of the mailbox {mailbox} and the following is true:"
    ),
}


def trigger_sentence(rule: Rule, words: Words, *, always: bool) -> str:
    """The beginning, up to the conditions or to the actions."""
    return words.gettext((_ALWAYS if always else _IF)[rule.trigger], mailbox=words.quoted(rule.mailbox))


def state_sentences(rule: Rule, words: Words) -> Iterator[str]:
    """What is unusual about when it acts; nothing for a rule that is on and live."""
    if not rule.enabled:
        yield words.gettext("This rule is switched off; it acts only when someone runs it by hand.")
    if rule.mode == "shadow":
        yield words.gettext(
            "This rule is on trial (mode {mode}): what it would do is logged, but nothing is done.",
            mode=words.quoted(rule.mode),
        )
    if rule.backlog:
        yield _backlog(rule.backlog, words)


def _backlog(backlog: Backlog, words: Words) -> str:
    if backlog.since:
        return words.gettext(
            "When this rule is switched on, it is also applied to mail received on or after {date} (UTC).",
            date=words.date(backlog.since),
        )
    number, unit = _last(backlog)
    if unit == "m":
        return words.ngettext(
            "When this rule is switched on, it is also applied to mail of the last minute.",
            "When this rule is switched on, it is also applied to mail of the last {number} minutes.",
            number,
        )
    if unit == "h":
        return words.ngettext(
            "When this rule is switched on, it is also applied to mail of the last hour.",
            "When this rule is switched on, it is also applied to mail of the last {number} hours.",
            number,
        )
    return words.ngettext(
        "When this rule is switched on, it is also applied to mail of the last day.",
        "When this rule is switched on, it is also applied to mail of the last {number} days.",
        number,
    )


def _last(backlog: Backlog) -> tuple[int, str]:
    written = backlog.last or ""
    return int(written[:-1]), written[-1]
