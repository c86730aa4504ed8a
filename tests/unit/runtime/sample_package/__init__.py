"""A package with statements, for test_queries.py."""
