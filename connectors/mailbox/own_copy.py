"""Recognising a message that we made by its own Message-ID."""

import re
from typing import Final

from connectors.mailbox.digest import HEADER_LIMIT

_HEADER_END: Final = re.compile(rb"\r?\n\r?\n")
_MESSAGE_ID: Final = re.compile(rb"(?im)^message-id[ \t]*:\s*(\S+)")


def has_message_id(raw: bytes, message_id: str) -> bool:
    """Whether the message's header has that Message-ID. `raw` may be cut after the header."""
    header = _HEADER_END.split(raw[:HEADER_LIMIT], maxsplit=1)[0]
    found = _MESSAGE_ID.search(header)
    return found is not None and found[1] == message_id.encode("utf-8", "replace")
