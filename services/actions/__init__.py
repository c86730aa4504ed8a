"""Carries out commands exactly once: claim in Postgres, do, mark with result and next step, publish."""
