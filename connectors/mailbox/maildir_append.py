"""Putting a message of ours into a Maildir folder, once. Blocking.

It is written to tmp/ and renamed into cur/ (https://cr.yp.to/proto/maildir.html): after a crash it is there, or not.
"""

import os
import time
from pathlib import Path
from typing import Final
from uuid import uuid4

from connectors.mailbox.digest import HEADER_LIMIT
from connectors.mailbox.maildir_find import read_cut
from connectors.mailbox.maildir_folder import entries
from connectors.mailbox.own_copy import has_message_id

SEARCHED_FILES: Final = 2_000
"""The newest files that are looked at: a copy is looked for soon after it was made."""


def find_copy(path: Path, message_id: str) -> str | None:
    """The unique name of the message in the folder at `path`."""
    for entry in reversed(entries(path)[-SEARCHED_FILES:]):
        try:
            if has_message_id(read_cut(entry.path, HEADER_LIMIT), message_id):
                return entry.key
        except FileNotFoundError:
            continue  # renamed or removed meanwhile
    return None


def append(path: Path, raw: bytes, message_id: str) -> str:
    """Returns its unique name."""
    if (there := find_copy(path, message_id)) is not None:
        return there
    key = f"{int(time.time())}.M{time.time_ns() // 1_000 % 1_000_000}P{os.getpid()}Q{uuid4().hex[:12]}.maildesk"
    written = path / "tmp" / key
    written.parent.mkdir(exist_ok=True)
    with written.open("xb") as file:
        file.write(raw)
        file.flush()
        os.fsync(file.fileno())
    written.rename(path / "cur" / f"{key}:2,S")
    return key
