"""Comparing what a source lists with what the ledger knows, and having ingest read what is missing."""
