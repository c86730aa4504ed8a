"""The effects: one file per action type."""
