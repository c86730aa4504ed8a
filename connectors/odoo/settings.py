"""Which Odoo, as services that speak to one are told."""

from pydantic import Field

from connectors.odoo.port import OdooAccount
from runtime.settings import ServiceSettings, read_secret


class OdooSettings(ServiceSettings):
    """Settings of a service that speaks to Odoo."""

    odoo_url: str = Field(
        default="",
        description="base URL of Odoo; empty: Odoo actions fail and say so, rules that need facts of Odoo wait, and "
        "mailboxes that lie in Odoo are not read",
    )
    odoo_db: str = Field(default="", description="name of Odoo's database")
    odoo_login: str = Field(
        default="", description="login of the API user; its key or password is the secret ODOO_PASSWORD"
    )

    @property
    def odoo_account(self) -> OdooAccount | None:
        """None where no Odoo is configured. Raises InvalidInputError when the secret is missing."""
        if not self.odoo_url:
            return None
        password = read_secret("ODOO_PASSWORD", self.secrets_dir)
        return OdooAccount(self.odoo_url, self.odoo_db, self.odoo_login, password)
