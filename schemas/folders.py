"""Further folders of a mailbox whose mail counts as arrived."""

from typing import Annotated, Any

from pydantic import AfterValidator, Field

from schemas.base import empty

MOST = 20


def _plain(name: str) -> str:
    if not name.strip() or len(name) > 500 or any(ord(character) < 32 for character in name):
        raise ValueError("a folder's name has 1 to 500 characters, none of them a control character")
    if "*" in name or "%" in name:
        raise ValueError(f"{name!r}: there are no wildcards; name each folder")
    return name


Folders = Annotated[tuple[Annotated[str, AfterValidator(_plain)], ...], Field(max_length=MOST)]
FURTHER: Any = Field(
    default=(),
    exclude_if=empty,
    description="further folders whose mail counts as arrived, besides the inbox; no wildcards",
)


def require_apart(inbox: str, folders: tuple[str, ...], sent: str | None) -> None:
    """Raises ValueError when a further folder is the inbox, the sent folder, or named twice."""
    taken = {_folded(name) for name in (inbox, sent) if name}
    for folder in folders:
        if _folded(folder) in taken:
            raise ValueError(f"folders: {folder!r} is read already; name each once, and neither inbox nor sent")
        taken.add(_folded(folder))


def _folded(name: str) -> str:
    return name.upper() if name.upper() == "INBOX" else name  # INBOX alone has no case (RFC 3501 §5.1)
