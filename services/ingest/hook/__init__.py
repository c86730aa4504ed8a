"""Odoo says over HTTP that a mailbox has something new, so that nobody waits for the next look."""
