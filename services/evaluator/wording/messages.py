"""Marks a message for the catalogues where it is declared before it is said."""


def gettext_noop(message: str) -> str:
    """The message itself: `maildesk generate` finds it by this name. It is translated when `Words` says it."""
    return message
