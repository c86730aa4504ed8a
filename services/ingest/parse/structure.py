"""The MIME tree of a message as a flat list of leaves, by offsets: nothing is copied, nothing recurses.

Bounds: 20 levels, 10,000 parts, 100,000 looks at what might be a delimiter. What lies beyond is a defect.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice

from services.ingest.parse.defects import Defects
from services.ingest.parse.lines import fields, header_block
from services.ingest.parse.parameters import Structured, parse_structured

MAX_DEPTH = 20
MAX_PARTS = 10_000
MAX_LOOKS = 100_000
MAX_BOUNDARY = 250
MAX_PART_FIELDS = 200
PART_FIELDS = ("content-type", "content-disposition", "content-transfer-encoding", "content-id")
_DELIMITER_TAIL = re.compile(rb"(--)?[ \t]*(?=\n|\Z)")
_NO_FIELDS: Mapping[str, bytes] = {}
_OCTETS = Structured("application/octet-stream")


@dataclass(frozen=True, slots=True)
class Part:
    """One leaf: its type, how it is encoded, and where its content lies (bytes, LF lines)."""

    content_type: Structured
    disposition: Structured
    encoding: str
    has_content_id: bool
    parent: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Node:
    headers: Mapping[str, bytes]
    start: int
    end: int
    depth: int
    parent: str


class Walk:
    """One walk over one message."""

    def __init__(self, lines: bytes, defects: Defects) -> None:
        self._lines = lines
        self._defects = defects
        self._looks = 0
        self._parts = 0

    def leaves(self, headers: Mapping[str, bytes], start: int) -> list[Part]:
        """The leaves in order. `headers`: the message's own PART_FIELDS, raw, names in lower case."""
        found: list[Part] = []
        stack = [_Node(headers, start, len(self._lines), 0, "")]
        while stack:
            node = stack.pop()
            content_type = content_type_of(node.headers, node.parent, self._defects)
            ranges = self._children(node, content_type) if content_type.value.startswith("multipart/") else None
            if ranges is None:
                found.append(self._leaf(node, content_type))
                continue
            stack += [self._child(node, content_type, child) for child in reversed(ranges)]
        return found

    def _children(self, node: _Node, content_type: Structured) -> list[tuple[int, int]] | None:
        """Where the parts of a multipart lie; None when it has to be taken as a leaf."""
        boundary = content_type.parameters.get("boundary", "")
        if not boundary or len(boundary) > MAX_BOUNDARY:
            self._defects.note("multipart-without-boundary")
            return None
        if node.depth == MAX_DEPTH:
            self._defects.note("nested-too-deep", MAX_DEPTH)
            return None
        ranges = self._split(b"\n--" + boundary.encode("utf-8", "replace"), node)
        if not ranges:
            self._defects.note("multipart-without-parts")
        return ranges or None

    def _split(self, delimiter: bytes, node: _Node) -> list[tuple[int, int]]:
        ranges: list[tuple[int, int]] = []
        opened = -1
        position = self._lines.find(delimiter, max(0, node.start - 1), node.end)
        while position >= 0:
            self._looks += 1
            tail = _DELIMITER_TAIL.match(self._lines, position + len(delimiter), node.end)
            if tail is not None:
                if opened >= 0:
                    ranges.append((opened, max(opened, position)))
                if tail[1]:
                    return ranges
                self._parts += 1
                opened = min(tail.end() + 1, node.end)
            if self._parts > MAX_PARTS or self._looks > MAX_LOOKS:
                self._defects.note("too-many-parts", MAX_PARTS)
                return ranges
            position = self._lines.find(delimiter, position + len(delimiter), node.end)
        if opened >= 0:
            self._defects.note("multipart-not-closed")
            ranges.append((opened, node.end))
        return ranges

    def _child(self, node: _Node, content_type: Structured, child: tuple[int, int]) -> _Node:
        block = header_block(self._lines, *child)
        if not block.separated and block.end < child[1]:
            self._defects.note("part-header-not-ended")
        headers: dict[str, bytes] = {}
        if block.end > block.start:
            for name, value in islice(fields(self._lines, block, 10_000), MAX_PART_FIELDS):
                lower = name.lower()
                if lower in PART_FIELDS:
                    headers.setdefault(lower, value)
        return _Node(headers or _NO_FIELDS, block.body, child[1], node.depth + 1, content_type.value)

    def _leaf(self, node: _Node, content_type: Structured) -> Part:
        if content_type.value.startswith("multipart/"):
            content_type = Structured("text/plain") if node.depth == 0 else _OCTETS
        return leaf_of(node.headers, content_type, node.parent, (node.start, node.end), self._defects)


def content_type_of(headers: Mapping[str, bytes], parent: str, defects: Defects) -> Structured:
    """The type of a part. `headers`: its PART_FIELDS, raw; `parent`: the type of the multipart that it is in."""
    raw = headers.get("content-type")
    if raw is None:
        return Structured("message/rfc822" if parent == "multipart/digest" else "text/plain")
    content_type = parse_structured(raw, "Content-Type", defects)
    main, _, sub = content_type.value.partition("/")
    if main and sub and " " not in content_type.value:
        return content_type
    defects.note("content-type-unreadable", content_type.value)
    return Structured("text/plain", content_type.parameters)  # RFC 2045 §5.2


def leaf_of(
    headers: Mapping[str, bytes], content_type: Structured, parent: str, place: tuple[int, int], defects: Defects
) -> Part:
    """A part that is no multipart, and where its content begins and ends."""
    raw = headers.get("content-disposition")
    disposition = Structured("") if raw is None else parse_structured(raw, "Content-Disposition", defects)
    encoding = headers.get("content-transfer-encoding", b"")
    return Part(
        content_type,
        disposition,
        parse_structured(encoding, "Content-Transfer-Encoding", defects).value,
        "content-id" in headers,
        parent,
        *place,
    )
