"""What the automatic reply says."""

from collections.abc import Iterator

from schemas.reply_action import AutoReplyAction
from services.evaluator.wording.words import Words


def auto_reply(action: AutoReplyAction, words: Words) -> Iterator[str]:
    """What is sent, and to whom it never is."""
    yield words.gettext(
        "Answer the sender with the subject {subject} and the text {text}.",
        subject=words.excerpt(action.subject),
        text=words.excerpt(action.text),
    )
    if action.html:
        yield words.gettext("The answer has the same text as HTML, too.")
    yield words.gettext("Automatic mail and mailing lists are never answered.")
