"""Owns rules and mailboxes, with every revision of them, and publishes them through an outbox."""
