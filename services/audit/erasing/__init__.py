"""Forgetting the content of events whose address was erased."""
