"""What was found, printed as it is found: however much it is, little of it is in memory."""

import json
from typing import Any, Protocol

from cli.reconcile.gaps import Gap, Note
from cli.reporting import err, out
from cli.visible import visible


class Report(Protocol):
    """Takes what is found. `gaps`: how many were."""

    gaps: int

    def take(self, found: Gap | Note) -> None:
        """Print it."""

    def close(self, mended: int | None) -> None:
        """Print the end. `mended`: how many gaps were mended; None: nobody asked for that."""


class Lines:
    """For people."""

    def __init__(self) -> None:
        self.gaps = 0

    def take(self, found: Gap | Note) -> None:
        """See Report."""
        if isinstance(found, Note):
            err.print(visible(f"{found.mailbox}: {found.text}"), markup=False)
            return
        self.gaps += 1
        for line in (f"{found.kind}  {found.mailbox}  {found.place}", f"    {found.text}. {found.remedy}"):
            out.print(visible(line), markup=False, soft_wrap=True)

    def close(self, mended: int | None) -> None:
        """See Report."""
        if not self.gaps:
            out.print("No gap: every mail is recorded, published, decided, and every command has its result.")
            return
        out.print(f"{self.gaps} gaps.{'' if mended is None else f' Published again: {mended}.'}", markup=False)


class Document:
    """One JSON object, written piece by piece: `found`, then `gaps` and `mended`."""

    def __init__(self) -> None:
        self.gaps = 0
        self._begun = False

    def take(self, found: Gap | Note) -> None:
        """See Report."""
        self.gaps += isinstance(found, Gap)
        print(",\n" if self._begun else '{"found": [\n', json.dumps(_members(found)), sep="", end="")
        self._begun = True

    def close(self, mended: int | None) -> None:
        """See Report."""
        print("\n]" if self._begun else '{"found": []', f', "gaps": {self.gaps}, "mended": {mended or 0}}}', sep="")


def _members(found: Gap | Note) -> dict[str, Any]:
    if isinstance(found, Note):
        return {"kind": "note", "mailbox": found.mailbox, "text": found.text}
    ids = {name: str(value) for name in ("event", "command", "run") if (value := getattr(found, name))}
    return {name: getattr(found, name) for name in ("kind", "mailbox", "place", "text", "remedy")} | ids
