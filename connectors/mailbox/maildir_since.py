"""A Maildir cursor: which files were certainly there before, so that they need not be read again.

rename(2) and link(2) set a file's change time on Linux file systems, so whatever was delivered, moved or flagged
since has a later one than the newest seen before. A folder that was swapped for another directory starts again.
"""

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

OVERLAP_NS: Final = 60_000_000_000
"""Nanoseconds by which the clock of a file server may be behind; what changed within them is read again."""

_FORM = re.compile(r"(\d+\.\d+\+\d+\.\d+):(\d+)")


@dataclass(frozen=True, slots=True)
class Since:
    """`directory` identifies cur/ and new/ (device.inode); `changed_ns` is the newest change time seen."""

    directory: str = ""
    changed_ns: int = 0

    def __str__(self) -> str:
        return f"{self.directory}:{self.changed_ns}" if self.directory else ""

    @classmethod
    def parse(cls, cursor: str | None) -> "Since":
        """What cannot be understood means: from the beginning."""
        found = _FORM.fullmatch(cursor or "")
        return cls(found.group(1), int(found.group(2))) if found else cls()

    def start(self, path: Path) -> "Pass":
        """Begin a pass over the folder at `path`."""
        directory = "+".join(_identity(path / sub) for sub in ("cur", "new"))
        return Pass(directory, self.changed_ns if directory == self.directory else 0)


class Pass:
    """One pass over a folder's files."""

    def __init__(self, directory: str, changed_ns: int) -> None:
        self._directory = directory
        self._before = changed_ns
        self._newest = changed_ns

    def is_new(self, status: os.stat_result) -> bool:
        """Whether the file may not have been seen by the pass before."""
        self._newest = max(self._newest, status.st_ctime_ns)
        return status.st_ctime_ns >= self._before - OVERLAP_NS

    @property
    def after(self) -> Since:
        """The cursor once everything new is handled."""
        return Since(self._directory, self._newest)


def _identity(path: Path) -> str:
    try:
        status = path.stat()
    except FileNotFoundError:
        return "0.0"
    return f"{status.st_dev}.{status.st_ino}"
