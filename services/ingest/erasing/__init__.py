"""Forgetting an address: in the ledger, and in mail of it that is read late."""
