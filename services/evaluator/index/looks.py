"""Where a mail's texts are looked for, and how many mails such a text lets through."""

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from operator import attrgetter
from typing import NamedTuple

from services.evaluator.facts import Facts


class Look(NamedTuple):
    """A place in a mail. Equal only to itself."""

    texts: Callable[[Facts], Iterable[str]]
    """The mail's texts there, folded; more than a condition compares, never fewer."""
    breadth: int
    """Among several guards that would do, the one of the smallest breadth is taken."""
    losable: bool = False
    """Whether a mail's source may have thrown it away (`not_kept`); then what is not there may have been."""


PRESENT = "present"
"""What is found where only presence counts."""
SENDER = Look(attrgetter("sender.forms"), 0)
SENDER_DOMAIN = Look(attrgetter("sender.domain.spellings"), 0)
SENDER_DOMAINS = Look(attrgetter("sender.domain.names"), 0)
SUBJECT = Look(lambda facts: (facts.subject,), 0)
# Most mail of a mailbox goes to the same few addresses.
RECIPIENT: Mapping[str, Look] = {
    "to": Look(attrgetter("to_forms"), 2, losable=True),
    "cc": Look(attrgetter("cc_forms"), 2, losable=True),
    "any": Look(lambda facts: facts.to_forms + facts.cc_forms, 2, losable=True),
}
EXCERPT = Look(lambda facts: (facts.excerpt,), 3)
HEADER_NAMES = Look(attrgetter("headers.names"), 4, losable=True)
ATTACHMENTS = Look(lambda facts: (PRESENT,) if facts.attachments else (), 4)


@cache
def header(name: str) -> Look:
    """The values of one header, its name in lower case. As many as there are names in rules."""
    return Look(lambda facts: facts.headers.folded(name), 1, losable=True)
