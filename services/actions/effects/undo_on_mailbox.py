"""Taking back what was changed about a message, as far as that is written down and still so."""

from typing import assert_never

from connectors.mailbox.changes import Change, Changed, Move, SeenChange, StarChange, TagChange
from connectors.mailbox.port import FolderMissingError, MailboxConnection, MessageGoneError, ReadOnlyError, Reference
from connectors.mailbox.uri import folder_of, same_folder
from schemas.result import Produced
from services.actions.effects.change_back import restoring
from services.actions.effects.port import DeclinedError
from services.actions.effects.together import LOOKS
from services.actions.undone import Acted

NOTHING = "nothing to take back: it had changed nothing"
AS_BEFORE = "nothing is left to take back: it is as it was before"


async def undo_change(
    connection: MailboxConnection, reference: Reference, done: Change, acted: Acted, *, dry_run: bool
) -> Produced:
    """`done`: the change that is taken back.

    Raises DeclinedError: `not-known`, `wanted-since`, `moved-on`, `message-gone`, `folder-missing`, `read-only`.
    """
    back = restoring(done, acted)
    try:
        for _ in range(LOOKS - 1):
            try:
                return await _attempt(connection, reference, back, done, dry_run=dry_run)
            except MessageGoneError:
                continue  # moved between the look and the change, as an undo of the same rule's move does
        return await _attempt(connection, reference, back, done, dry_run=dry_run)
    except (MessageGoneError, ReadOnlyError, FolderMissingError) as error:
        raise DeclinedError(error.text, code=error.code) from error


async def _attempt(
    connection: MailboxConnection, reference: Reference, back: Change | None, done: Change, *, dry_run: bool
) -> Produced:
    uri = await connection.locate(reference)
    if back is None or not _is_left(back, done, uri):
        return Produced(kind="mailbox", uri=uri, text=AS_BEFORE if back is not None else NOTHING)
    if dry_run:
        return Produced(kind="mailbox", uri=uri, text=f"would {_said(back, _INTENDED)}")
    changed = await _change(connection, reference, uri, back)
    text = _said(back, _DONE) if _had_effect(back, changed) else AS_BEFORE
    return Produced(kind="mailbox", uri=changed.uri, text=text)


def _is_left(back: Change, done: Change, uri: str) -> bool:
    """Whether there is something to take back. A mail that was moved on stays where somebody put it."""
    if not isinstance(back, Move) or not isinstance(done, Move):
        return True
    here = folder_of(uri) or ""
    if same_folder(here, back.folder):
        return False
    if not same_folder(here, done.folder):
        raise DeclinedError(f"it was moved on to {here} since", code="moved-on")
    return True


async def _change(connection: MailboxConnection, reference: Reference, uri: str, change: Change) -> Changed:
    match change:
        case TagChange():
            return await connection.change_tags(uri, change.add, change.remove)
        case StarChange():
            return await connection.set_starred(uri, change.starred)
        case SeenChange():
            return await connection.set_seen(uri, change.seen)
        case Move():
            return Changed(await connection.move(reference, uri, change.folder))
        case _:
            assert_never(change)


def _had_effect(back: Change, changed: Changed) -> bool:
    match back:
        case TagChange():
            return bool(changed.added or changed.removed)
        case StarChange():
            return changed.was != back.starred
        case SeenChange():
            return changed.was != back.seen
        case Move():
            return True
        case _:
            assert_never(back)


_INTENDED = ("tag", "untag", "star", "unstar", "mark as read", "mark as unread", "move back to")
_DONE = ("tagged", "untagged", "starred", "unstarred", "marked as read", "marked as unread", "moved back to")


def _said(change: Change, words: tuple[str, ...]) -> str:
    """One sentence without its subject."""
    tag, untag, star, unstar, read, unread, move = words
    match change:
        case TagChange():
            parts = [f"{untag} {', '.join(change.remove)}"] if change.remove else []
            return "; ".join(parts + ([f"{tag} {', '.join(change.add)}"] if change.add else []))
        case StarChange():
            return star if change.starred else unstar
        case SeenChange():
            return read if change.seen else unread
        case Move():
            return f"{move} {change.folder}"
        case _:
            assert_never(change)
