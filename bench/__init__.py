"""Benchmarks: every value stands beside a named limit that was measured, or fixed, in the same run."""
