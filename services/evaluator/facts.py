"""What conditions read of a mail, each brought into its comparable form once per event and only when asked for."""

from collections.abc import Callable

from schemas.mail import MailArrived, MailSent, ReplyState
from services.evaluator.domains import a_label, parents, u_label
from services.evaluator.lazy import lazy
from services.evaluator.text import cut, fold


class Facts:
    """The comparable side of one event. Pure: the same event always gives the same facts."""

    def __init__(self, event: MailArrived | MailSent) -> None:
        self.event = event

    def seen(self, show: "Show") -> str:
        """What a condition saw of the mail, cut to what a decision has room for."""
        return cut(show(self))

    @lazy
    def address(self) -> str:
        """The sender's address as it was received; empty when there is none."""
        return self.event.sender.address.strip() if self.event.sender else ""

    @lazy
    def sender_forms(self) -> tuple[str, ...]:
        """The whole address, folded: with the domain in A-label form, and as people read it. None without a sender."""
        if not self.address:
            return ()
        local, at, domain = self.address.rpartition("@")
        if not at:
            return (fold(self.address),)
        ascii_form = a_label(domain)
        if domain.isascii() and "xn--" not in ascii_form:
            return (fold(f"{local}@{ascii_form}"),)
        return (fold(f"{local}@{ascii_form}"), fold(f"{local}@{u_label(ascii_form)}"))

    @lazy
    def sender_domain(self) -> str:
        """The domain of the sender's address as an A-label; empty when there is none."""
        _, at, domain = self.address.rpartition("@")
        return a_label(domain) if at else ""

    @lazy
    def sender_domains(self) -> frozenset[str]:
        """That domain and every domain above it."""
        return frozenset(parents(self.sender_domain))

    @lazy
    def subject(self) -> str:
        """The decoded subject, folded."""
        return fold(self.event.subject)

    @property
    def attachments(self) -> int:
        """How many attachments the event lists."""
        return len(self.event.attachments)

    @property
    def reply_state(self) -> ReplyState:
        """Where the mail stood in its conversation when it was first seen."""
        return self.event.reply_state


Show = Callable[[Facts], str]
"""How a condition shows what it saw of a mail."""
