"""Everything that is looked at, found once: mailboxes, rules, secrets, and how to reach the rest."""

import asyncio
import ssl
from dataclasses import dataclass, field
from datetime import datetime

from connectors.mailbox.limits import Timeouts
from connectors.oauth.http import OAuthTimeouts
from connectors.oauth.tokens import Tokens
from connectors.odoo.port import Odoo, OdooAccount
from connectors.smtp.login import SmtpTimeouts
from runtime.clock import Clock, SystemClock
from runtime.postgres import Database
from runtime.secrets import SecretFolder
from schemas.mailbox import Mailbox
from schemas.rule import Rule


@dataclass(slots=True)
class House:
    """What a check may ask. None: not known, or not to be asked; the check of that very thing says why.

    `seconds`: the longest wait for any one answer. `services`: name to the port of its health pages on this machine.
    """

    mailboxes: tuple[Mailbox, ...]
    rules: tuple[Rule, ...]
    secrets: SecretFolder
    seconds: float = 5.0
    clock: Clock = field(default_factory=SystemClock)
    database: Database | None = None
    odoo: Odoo | None = None
    account: OdooAccount | None = None
    kafka: str | None = None
    services: dict[str, int] = field(default_factory=dict)
    ssl_context: ssl.SSLContext | None = None
    tokens: Tokens = field(init=False)
    threads: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(16))

    def __post_init__(self) -> None:
        self.tokens = Tokens(self.secrets, self.clock, OAuthTimeouts(self.seconds, self.seconds))

    @property
    def now(self) -> datetime:
        """The time of day, in UTC."""
        return self.clock.now()

    @property
    def acting(self) -> tuple[Rule, ...]:
        """The rules that are on."""
        return tuple(rule for rule in self.rules if rule.enabled)

    @property
    def mail_timeouts(self) -> Timeouts:
        """For a mail account."""
        return Timeouts(connect=self.seconds, read=self.seconds)

    @property
    def smtp_timeouts(self) -> SmtpTimeouts:
        """For a submission server."""
        return SmtpTimeouts(connect=self.seconds, command=self.seconds, message=self.seconds)
