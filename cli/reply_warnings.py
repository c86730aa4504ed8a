"""Rules that answer automatically in mailboxes that do not say how they send: every reply of theirs would fail."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from schemas.mailbox import Mailbox
from schemas.rule import Rule


class Unanswering(NamedTuple):
    """A rule whose replies cannot go out, and what to do."""

    rule: str
    text: str


def unanswering(rules: Iterable[Rule], mailboxes: Iterable[Mailbox]) -> Iterator[Unanswering]:
    """Of the rules that act: those that reply from a known mailbox without `outgoing`."""
    sends = {mailbox.id: mailbox.outgoing is not None for mailbox in mailboxes}
    for rule in rules:
        replies = [action.id for action in rule.actions if action.type == "auto_reply"]
        if replies and rule.enabled and rule.mode == "live" and not sends.get(rule.mailbox, True):
            yield Unanswering(
                rule.id,
                f"its action {replies[0]} replies, but mailbox {rule.mailbox} does not say how it sends, so every "
                "reply fails; give the mailbox `outgoing` (host, address, username, password)",
            )
