"""From a mailbox's configuration to its connection."""

import ssl
from collections.abc import Callable

from connectors.mailbox.eml import EmlMailbox
from connectors.mailbox.imap import ImapMailbox
from connectors.mailbox.limits import ReadLimits, Timeouts
from connectors.mailbox.maildir import MaildirMailbox
from connectors.mailbox.mbox import MboxMailbox
from connectors.mailbox.odoo_mailbox import OdooMailbox
from connectors.mailbox.odoo_scan import OdooHost
from connectors.mailbox.pop3 import Known, Pop3Mailbox
from connectors.mailbox.pop3_login import Pop3Account
from connectors.mailbox.port import MailboxConnection
from connectors.oauth.tokens import Tokens, TokenSource
from runtime.clock import SystemClock
from schemas.mailbox import ImapSource, Mailbox, MaildirSource, MboxSource
from schemas.odoo_source import OdooSource
from schemas.pop3_source import Pop3Source


def open_mailbox(
    mailbox: Mailbox,
    secret: Callable[[str], str],
    *,
    timeouts: Timeouts | None = None,
    limits: ReadLimits | None = None,
    ssl_context: ssl.SSLContext | None = None,
    odoo: OdooHost | None = None,
    tokens: Tokens | None = None,
    known: Known | None = None,
) -> MailboxConnection:
    """Needs no await and touches nothing: the source is reached, and `secret(name)` asked, at the first call.

    `ssl_context` replaces the system's certificate checks (a private authority); `timeouts` are in seconds.
    `odoo`: where mailboxes lie that Odoo hosts; its client is not closed with them.
    `tokens`: of all mailboxes that log in with `oauth`.
    `known`: which messages need not be read again, where the source itself has no order.
    """
    source = mailbox.source
    if isinstance(source, ImapSource):
        return ImapMailbox(
            mailbox.id,
            source,
            lambda: secret(source.password or ""),
            timeouts=timeouts,
            limits=limits,
            ssl_context=ssl_context,
            tokens=_granted(mailbox.id, source, tokens),
        )
    if isinstance(source, Pop3Source):
        granted, clock = _granted(mailbox.id, source, tokens), SystemClock()
        account = Pop3Account(
            mailbox.id, source, lambda: secret(source.password or ""), timeouts or Timeouts(), ssl_context, granted
        )
        return Pop3Mailbox(account, clock, known=known, limits=limits)
    if isinstance(source, MaildirSource):
        return MaildirMailbox(mailbox.id, source.path, limits=limits)
    if isinstance(source, MboxSource):
        return MboxMailbox(mailbox.id, source.path, limits=limits)
    if isinstance(source, OdooSource):
        return OdooMailbox(mailbox.id, source, odoo, SystemClock(), limits=limits)
    return EmlMailbox(mailbox.id, source.path, limits=limits)


def _granted(mailbox: str, source: ImapSource | Pop3Source, tokens: Tokens | None) -> TokenSource | None:
    if source.oauth is None:
        return None
    assert tokens is not None, "a mailbox with oauth is opened with tokens"
    return tokens.source(mailbox, source.oauth)
