"""Mailboxes shared out over the processes that read: each is leased to one of them."""
