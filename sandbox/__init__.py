"""Embedded stand-ins that `make run` and the tests use: a broker, Postgres, Odoo, a mailbox."""
