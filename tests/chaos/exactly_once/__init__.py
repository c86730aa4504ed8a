"""A worker is killed at every numbered point of every effect; the next one must leave exactly one effect."""
