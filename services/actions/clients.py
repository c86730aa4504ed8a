"""The clients of the actions service: bootstrap builds them here and nowhere else, so that another set can be given."""

from contextlib import AsyncExitStack

from connectors.mailbox.odoo_scan import OdooHost
from connectors.mailbox.open import open_mailbox
from connectors.mailbox.port import MailboxConnection
from connectors.oauth.tokens import Tokens
from connectors.odoo.channel import Limits
from connectors.odoo.client import open_odoo
from connectors.odoo.loading import Patience
from connectors.odoo.port import Odoo, OdooAccount
from connectors.smtp.client import open_smtp
from connectors.smtp.port import SmtpConnection
from runtime.clients import compacted_reader, migrated_database, started
from runtime.clock import SystemClock
from runtime.kafka import CompactedReader, Consumer, Producer, Received
from runtime.postgres import Database
from runtime.secrets import SecretFolder
from runtime.service import Process
from schemas.mailbox import Mailbox
from schemas.topics import AUTOMATION_RULES, action_topic
from services.actions.settings import ActionsSettings

ODOO_CALL_SECONDS = 25.0
ODOO_LOAD_SECONDS = 40.0
"""Two searches and two loads fit into the time of one effect."""


class Clients:
    """The real ones. Those that wait for a server at start are closed when the stack closes."""

    def __init__(self, settings: ActionsSettings) -> None:
        self._settings = settings
        self._secrets = SecretFolder(settings.secrets_dir)
        self._tokens = Tokens(self._secrets, SystemClock())
        self._host: OdooHost | None = None

    async def database(self, process: Process, stack: AsyncExitStack) -> Database:
        """The pool, its schema brought up to date."""
        return await migrated_database(process, stack, self._settings)

    async def producer(self, process: Process, stack: AsyncExitStack) -> Producer:
        """Publishes results, next steps and dead letters."""
        return await started(process, stack, lambda: Producer(self._settings.kafka_bootstrap, "maildesk-actions"))

    async def consumer(self, process: Process, stack: AsyncExitStack, action_type: str) -> Consumer:
        """Reads the commands of one type, in a group of its own."""
        topic = action_topic(action_type)
        return await started(process, stack, lambda: Consumer(self._settings.kafka_bootstrap, topic, [topic]))

    async def rules(self, process: Process, stack: AsyncExitStack) -> tuple[CompactedReader, list[Received]]:
        """Reads mailboxes and rules; with what was there at the start."""
        return await compacted_reader(process, stack, self._settings, AUTOMATION_RULES.name)

    def mailbox(self, mailbox: Mailbox) -> MailboxConnection:
        """Connects at its first call."""
        host = self._hosting() if mailbox.source.kind == "odoo" else None
        return open_mailbox(mailbox, self._secrets, odoo=host, tokens=self._tokens)

    def smtp(self, mailbox: Mailbox) -> SmtpConnection:
        """For one message."""
        return open_smtp(mailbox, self._secrets, tokens=self._tokens)

    def odoo(self, account: OdooAccount) -> Odoo:
        """Connects at its first call."""
        return open_odoo(account, Limits(call_seconds=ODOO_CALL_SECONDS), patience=Patience(seconds=ODOO_LOAD_SECONDS))

    async def close(self) -> None:
        """Release what mailboxes share. Never raises."""
        if self._host is not None:
            await self._host.odoo.close()

    def _hosting(self) -> OdooHost | None:
        """One for all mailboxes that Odoo hosts; None where no Odoo is configured."""
        if self._host is None and (account := self._settings.odoo_account) is not None:
            self._host = OdooHost(self.odoo(account), account.database, account.login)
        return self._host
