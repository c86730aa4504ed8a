"""What restores the state before a change of a message, as far as it is known and nobody wants it otherwise."""

from typing import assert_never

from connectors.mailbox.changes import Change, Move, SeenChange, StarChange, TagChange
from connectors.mailbox.keywords import among
from connectors.mailbox.uri import folder_of, same_folder
from schemas.action import AnyAction
from schemas.mailbox_action import MarkReadAction, MoveFolderAction, StarAction, TagAction
from services.actions.effects.port import DeclinedError, NotKnownError
from services.actions.undone import Acted


def restoring(done: Change, acted: Acted) -> Change | None:
    """None: it had changed nothing. Raises DeclinedError (`not-known`, `wanted-since`)."""
    return _not_wanted(_change_back(done, acted), done, acted)


def _change_back(done: Change, acted: Acted) -> Change | None:
    details = acted.produced.details
    match done:
        case TagChange():
            return _tags_back(done, acted)
        case StarChange():
            return None if _was(acted, done.starred) else StarChange(not done.starred)
        case SeenChange():
            return None if _was(acted, done.seen) else SeenChange(not done.seen)
        case Move():
            before = folder_of(str(details.get("from", "")))
            if before is None:
                raise _not_known()
            return None if _unchanged(acted, same_folder(before, done.folder)) else Move(before)
        case _:
            assert_never(done)


def _not_wanted(back: Change | None, done: Change, acted: Acted) -> Change | None:
    """What another action has asked for since stays. Raises DeclinedError (`wanted-since`) when that is all."""
    if back is None:
        return None
    found: Change | None = back
    for command in acted.later:
        found = _without(found, _change_of(command.step.action), done) if found is not None else None
        if found is None:
            rule = command.rule.id
            raise DeclinedError(f"rule {rule} has asked for the same since, so it stays", code="wanted-since")
    return found


def _without(back: Change, wanted: Change | None, done: Change) -> Change | None:
    """`back` without what would take away what is wanted."""
    if isinstance(back, TagChange) and isinstance(wanted, TagChange):
        add = tuple(tag for tag in back.add if not among(tag, wanted.remove))
        remove = tuple(tag for tag in back.remove if not among(tag, wanted.add))
        return TagChange(add, remove) if add or remove else None
    return None if wanted == done else back


def _change_of(action: AnyAction) -> Change | None:
    """What an action asks for; None where it is no change of the message."""
    match action:
        case TagAction():
            return TagChange(action.add, action.remove)
        case StarAction():
            return StarChange(action.starred)
        case MarkReadAction():
            return SeenChange(action.read)
        case MoveFolderAction():
            return Move(action.folder)
        case _:
            return None


def _tags_back(done: TagChange, acted: Acted) -> TagChange | None:
    """Results of earlier versions have only what was asked for; `unchanged` tells them from those that know."""
    details = acted.produced.details
    if "unchanged" not in details:
        raise _not_known()
    _unchanged(acted, bool(details["unchanged"]))
    add = tuple(tag for tag in done.remove if tag in details.get("removed", ()))
    remove = tuple(tag for tag in done.add if tag in details.get("added", ()))
    return TagChange(add, remove) if add or remove else None


def _was(acted: Acted, wanted: bool) -> bool:
    """Whether it was so before the action."""
    was = acted.produced.details.get("was")
    if was is None:
        raise _not_known()
    return _unchanged(acted, was == wanted)


def _unchanged(acted: Acted, found_so: bool) -> bool:
    """What a repeated attempt found so may be its own earlier work, or have been so before."""
    if found_so and acted.repeated:
        raise NotKnownError("a worker died while it acted: what was so before is not known, so nothing is changed")
    return found_so


def _not_known() -> NotKnownError:
    return NotKnownError("what it really changed was not written down then, so nothing is taken back on a guess")
