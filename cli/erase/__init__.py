"""Forgetting an address."""
