"""What conditions read of a mail, each brought into its comparable form once per event and only when asked for."""

from collections.abc import Callable, Collection, Iterable

from schemas.facts import Snapshot
from schemas.mail import Address, MailArrived, MailSent, ReplyState
from schemas.pattern import MAX_SEARCHED_CHARS
from services.evaluator.addresses import Sender, sender_of, spelled
from services.evaluator.lazy import lazy
from services.evaluator.odoo_domain.subject import message_of
from services.evaluator.plain_text import compose, one_line
from services.evaluator.text import cut, fold


class Facts:
    """The comparable side of one event. Pure: the same event always gives the same facts."""

    def __init__(self, event: MailArrived | MailSent) -> None:
        self.event = event

    def seen(self, show: "Show") -> str:
        """What a condition saw of the mail, cut to what a decision has room for."""
        return cut(show(self))

    @lazy
    def sender(self) -> Sender:
        """The first address of From."""
        return sender_of(self.event.sender)

    @lazy
    def sender_texts(self) -> tuple[str, ...]:
        """The forms of the sender as patterns search them: composed, not folded."""
        return tuple(map(compose, spelled(self.sender.address)))

    @lazy
    def to_texts(self) -> tuple[str, ...]:
        """The addresses of To, in both forms."""
        return _all_texts(self.event.to)

    @lazy
    def cc_texts(self) -> tuple[str, ...]:
        """The addresses of Cc, in both forms."""
        return _all_texts(self.event.cc)

    @lazy
    def to_forms(self) -> tuple[str, ...]:
        """The addresses of To, in both forms, folded."""
        return tuple(map(fold, self.to_texts))

    @lazy
    def cc_forms(self) -> tuple[str, ...]:
        """The addresses of Cc, in both forms, folded."""
        return tuple(map(fold, self.cc_texts))

    @lazy
    def subject(self) -> str:
        """The decoded subject, folded."""
        return fold(self.event.subject[:MAX_SEARCHED_CHARS])

    @lazy
    def subject_text(self) -> str:
        """The decoded subject as patterns search it."""
        return compose(self.event.subject)

    @lazy
    def excerpt_text(self) -> str:
        """The beginning of the text on one line, as patterns search it."""
        return compose(one_line(self.event.excerpt).strip())

    @lazy
    def excerpt(self) -> str:
        """The same, folded."""
        return fold(self.excerpt_text)

    @lazy
    def headers(self) -> "Headers":
        """The headers by name."""
        return Headers(self.event.headers)

    @property
    def attachments(self) -> int:
        """How many attachments the event lists."""
        return len(self.event.attachments)

    @lazy
    def message(self) -> Snapshot:
        """The mail as Odoo's `mail.message`."""
        return message_of(self.event)

    @property
    def reply_state(self) -> ReplyState:
        """Where the mail stood in its conversation when it was first seen."""
        return self.event.reply_state


class Headers:
    """Values of headers by the lower-case name, in their order, on one line each; made comparable when asked for."""

    def __init__(self, headers: Iterable[tuple[str, str]]) -> None:
        self._given: dict[str, list[str]] = {}
        self._texts: dict[str, tuple[str, ...]] = {}
        self._folded: dict[str, tuple[str, ...]] = {}
        for name, value in headers:
            self._given.setdefault(name.lower(), []).append(value)

    @property
    def names(self) -> Collection[str]:
        """Those that the mail has, in lower case."""
        return self._given.keys()

    def texts(self, name: str) -> tuple[str, ...]:
        """As patterns search them; none when the mail has no such header."""
        if name not in self._given:
            return ()
        if name not in self._texts:
            self._texts[name] = tuple(compose(one_line(value).strip()) for value in self._given[name])
        return self._texts[name]

    def folded(self, name: str) -> tuple[str, ...]:
        """As all other comparisons take them."""
        if name not in self._folded:
            self._folded[name] = tuple(map(fold, self.texts(name)))
        return self._folded[name]


def _all_texts(addresses: Iterable[Address]) -> tuple[str, ...]:
    return tuple(compose(text) for each in addresses for text in spelled(each.address.strip()))


Show = Callable[[Facts], str]
"""How a condition shows what it saw of a mail."""
