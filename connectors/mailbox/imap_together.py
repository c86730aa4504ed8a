"""Many messages of one IMAP account in few commands, each with its own answer. Blocking."""

from collections.abc import Callable, Sequence
from typing import Final, TypeVar

from connectors.mailbox.answer_book import AnswerBook
from connectors.mailbox.changes import Change, Changed, Move, SeenChange, StarChange, TagChange
from connectors.mailbox.imap_change_many import change_flags_many
from connectors.mailbox.imap_find_many import still_there
from connectors.mailbox.imap_move_many import move_many
from connectors.mailbox.imap_session import ImapSession
from connectors.mailbox.keywords import to_keyword
from connectors.mailbox.port import Reference
from connectors.mailbox.uri import ImapUri
from runtime.errors import MaildeskError

T = TypeVar("T")
Answers = list[Changed | MaildeskError]

AT_ONCE: Final = 50
"""Messages that one command names."""


def found_in_place(session: ImapSession, references: Sequence[Reference]) -> set[int]:
    """The indexes of those that are where they were; the others have to be looked for one by one."""
    return session.perform(lambda s: still_there(s, references))


def change_together(session: ImapSession, change: Change, placed: Sequence[tuple[Reference, ImapUri]]) -> Answers:
    """One answer for each, in order. Raises InvalidInputError for a tag that cannot be a keyword."""
    found: Answers = []
    for start in range(0, len(placed), AT_ONCE):
        found += _change(session, change, placed[start : start + AT_ONCE])
    return found


def keywords_of(change: TagChange | StarChange | SeenChange) -> tuple[list[str], list[str]]:
    """What to set and what to clear. Raises InvalidInputError for a tag that cannot be a keyword."""
    if isinstance(change, TagChange):
        return [to_keyword(tag) for tag in change.add], [to_keyword(tag) for tag in change.remove]
    if isinstance(change, StarChange):
        flag, wanted = "\\Flagged", change.starred
    else:
        flag, wanted = "\\Seen", change.seen
    return ([flag], []) if wanted else ([], [flag])


def changed(change: TagChange | StarChange | SeenChange, place: ImapUri, had: set[str] | frozenset[str]) -> Changed:
    """What the change was for a message that had these flags, in lower case."""
    if isinstance(change, TagChange):
        added = tuple(tag for tag in change.add if to_keyword(tag).lower() not in had)
        return Changed(str(place), added, tuple(tag for tag in change.remove if to_keyword(tag).lower() in had))
    add, remove = keywords_of(change)
    [flag] = add or remove
    return Changed(str(place), was=flag.lower() in had)


def _change(session: ImapSession, change: Change, placed: Sequence[tuple[Reference, ImapUri]]) -> Answers:
    if isinstance(change, Move):
        folder = change.folder
        moved: list[ImapUri | MaildeskError] = _booked(
            session, len(placed), lambda s, book: move_many(s, placed, folder, book)
        )
        return [at if isinstance(at, MaildeskError) else Changed(str(at)) for at in moved]
    places = [place for _, place in placed]
    add, remove = keywords_of(change)
    had: list[frozenset[str] | MaildeskError] = _booked(
        session, len(places), lambda s, book: change_flags_many(s, places, add, remove, book)
    )
    return [h if isinstance(h, MaildeskError) else changed(change, at, h) for at, h in zip(places, had, strict=True)]


def _booked(
    session: ImapSession, count: int, work: Callable[[ImapSession, AnswerBook[T]], None]
) -> list[T | MaildeskError]:
    book: AnswerBook[T] = AnswerBook(count)
    try:
        session.perform(lambda s: work(s, book))
    except MaildeskError as error:
        book.break_off(error)
    return book.closed()
