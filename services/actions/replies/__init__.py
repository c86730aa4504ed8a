"""The automatic reply: whether one is sent, how often, and what it says."""
