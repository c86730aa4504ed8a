"""What waiting for news of a source ends with, and the half of a mailbox whose source never tells anything."""

from collections.abc import Sequence
from enum import Enum


class News(Enum):
    """Why a wait ended."""

    TOLD = "told"
    """the source said that something may be new: look now"""
    QUIET = "quiet"
    """nothing was told; it is time for the look that finds what a source forgot to tell"""
    UNTOLD = "untold"
    """the source cannot say, or cannot any more; nothing was waited for"""


class TellsNothing:
    """The half of a mailbox that can only be asked."""

    async def wait(self, folders: Sequence[str], seconds: float) -> News:  # noqa: ARG002 - whatever they are
        """UNTOLD, at once."""
        return News.UNTOLD
