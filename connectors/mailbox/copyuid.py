"""COPYUID, by which a server says where copied and moved messages are now (RFC 4315 §3)."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence

_SET = re.compile(rb"\d{1,10}(?::\d{1,10})?(?:,\d{1,10}(?::\d{1,10})?)*")


def copied(codes: Iterable[bytes], uids: Sequence[int]) -> dict[int, tuple[int, int]]:
    """UIDVALIDITY and UID of the copies, by the UID that was copied; `codes` are the response codes' data.

    A UID of `uids` that is left out was not told of, or not clearly: sets of unlike lengths, a range that runs
    downwards, or one message told of twice.
    """
    found: dict[int, tuple[int, int]] = {}
    unclear: set[int] = set()
    for code in codes:
        validity, sources, targets = _read(code, len(uids))
        for source, target in zip(sources, targets, strict=True):
            if source in found:
                unclear.add(source)
            found[source] = (validity, target)
    times = Counter(found.values())
    return {uid: found[uid] for uid in uids if uid in found and uid not in unclear and times[found[uid]] == 1}


def _read(code: bytes, limit: int) -> tuple[int, list[int], list[int]]:
    parts = code.split()
    if len(parts) == 3 and parts[0].isdigit():
        sources, targets = (_expanded(part, limit) for part in parts[1:])
        if len(sources) == len(targets):
            return int(parts[0]), sources, targets
    return 0, [], []


def _expanded(text: bytes, limit: int) -> list[int]:
    """The UIDs of a set in its order; none when it is malformed, unordered within a range, or longer than `limit`."""
    if not _SET.fullmatch(text):
        return []
    found: list[int] = []
    for part in text.split(b","):
        first, _, last = part.partition(b":")
        start, end = int(first), int(last or first)
        if end < start or end - start >= limit or len(found) + end - start >= limit:
            return []
        found += range(start, end + 1)
    return found
