"""A small Odoo for `make run` and tests. It speaks JSON-RPC and behaves like Odoo 17 on what MailDesk uses; the
conformance suite in tests/contract/odoo runs on both.
"""

from connectors.odoo.standin.app import StandIn, create_app, serve
from connectors.odoo.standin.troubles import Trouble, Troubles

__all__ = ["StandIn", "Trouble", "Troubles", "create_app", "serve"]
