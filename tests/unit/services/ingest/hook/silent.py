"""A mailbox that tells nobody of new mail, as one in Odoo."""

from connectors.mailbox.fake import FakeMailbox
from connectors.mailbox.news import TellsNothing


class SilentMailbox(TellsNothing, FakeMailbox):
    """FakeMailbox, but for what it tells."""
