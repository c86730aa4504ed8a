"""Opening mailboxes as ingest does: its settings, its secrets, and no memory of what it has read."""

import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from cli.reconcile.servers import Opener
from connectors.mailbox.odoo_scan import OdooHost
from connectors.mailbox.open import open_mailbox
from connectors.oauth.tokens import Tokens
from connectors.odoo.client import open_odoo
from connectors.odoo.settings import OdooSettings
from runtime.clock import SystemClock
from runtime.secrets import SecretFolder
from schemas.mailbox import Mailbox


@asynccontextmanager
async def opener(mailboxes: Sequence[Mailbox]) -> AsyncIterator[Opener]:
    """Secrets come from MAILDESK_SECRET_… and MAILDESK_SECRETS_DIR, Odoo from MAILDESK_ODOO_…

    Raises InvalidInputError when one of `mailboxes` lies in Odoo and Odoo is configured without its secret.
    """
    settings = OdooSettings()
    secrets = SecretFolder(settings.secrets_dir)
    tokens, context = Tokens(secrets, SystemClock()), ssl.create_default_context()
    account = settings.odoo_account if any(each.source.kind == "odoo" for each in mailboxes) else None
    odoo = open_odoo(account) if account is not None else None
    host = OdooHost(odoo, account.database, account.login) if account is not None and odoo is not None else None
    try:
        yield lambda mailbox: open_mailbox(mailbox, secrets, odoo=host, tokens=tokens, ssl_context=context)
    finally:
        if odoo is not None:
            await odoo.close()
