"""Message-IDs as people type them."""


def spellings(given: str) -> list[str]:
    """With and without angle brackets: shells make the brackets a nuisance."""
    bare = given.strip().strip("<>")
    return [f"<{bare}>", bare]
