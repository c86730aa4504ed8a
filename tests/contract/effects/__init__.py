"""One suite for the effects of all action types."""
