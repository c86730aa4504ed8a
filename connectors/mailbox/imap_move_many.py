"""Moving many messages to one folder with one UID MOVE (RFC 6851). Blocking."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial

from imapclient.exceptions import IMAPClientError

from connectors.mailbox.answer_book import AnswerBook
from connectors.mailbox.copyuid import copied
from connectors.mailbox.imap_change import in_target, move, same_folder
from connectors.mailbox.imap_change_many import flags_of
from connectors.mailbox.imap_find_many import by_folder
from connectors.mailbox.imap_session import DROPPED, ImapSession
from connectors.mailbox.port import FolderMissingError, Reference
from connectors.mailbox.uri import ImapUri
from runtime.errors import MaildeskError

Placed = Sequence[tuple[Reference, ImapUri]]


def move_many(session: ImapSession, placed: Placed, folder: str, book: AnswerBook[ImapUri]) -> None:
    """Writes an answer for each message into `book`; each as `move` would give it alone.

    Only those that are at their place, and not in the folder already, go together, and only by MOVE. All others, and
    all of a group that the server refuses, go one by one. Raises FolderMissingError.
    """
    session.require_folder(folder)
    together = session.supports("MOVE")
    for source, members in by_folder((index, placed[index][1]) for index in book.open).items():
        group = _present(session, source, {i: placed[i][1] for i in members}) if together else {}
        if group and not same_folder(source, folder):
            _move_group(session, placed, group, folder, book)
        _move_alone(session, placed, [index for index in book.open if index in members], folder, book)


def _present(session: ImapSession, source: str, members: dict[int, ImapUri]) -> dict[int, ImapUri]:
    try:
        selected = session.select(source, writable=True, reopen=True)
    except FolderMissingError:
        return {}
    return {index: members[index] for index in flags_of(session, selected, members)}


def _move_group(
    session: ImapSession, placed: Placed, group: dict[int, ImapUri], folder: str, book: AnswerBook[ImapUri]
) -> None:
    uids = sorted({place.uid for place in group.values()})
    session.response_codes("COPYUID")
    session.changing()
    book.begin(group)
    try:
        session.client.move(uids, folder)
    except DROPPED:
        raise
    except IMAPClientError:
        return
    told = copied(session.response_codes("COPYUID"), uids)
    for index, place in group.items():
        if place.uid in told:
            book.note(index, ImapUri(place.mailbox, folder, *told[place.uid]))
    for index in [index for index in group if index in book.open]:
        _answer(session, book, index, partial(in_target, session, *placed[index], folder))


def _move_alone(
    session: ImapSession, placed: Placed, indexes: Iterable[int], folder: str, book: AnswerBook[ImapUri]
) -> None:
    for index in indexes:
        book.begin([index])
        _answer(session, book, index, partial(move, session, *placed[index], folder))


def _answer(session: ImapSession, book: AnswerBook[ImapUri], index: int, ask: Callable[[], ImapUri]) -> None:
    try:
        book.note(index, ask())
    except DROPPED:
        raise
    except IMAPClientError as error:
        book.note(index, session.refused(error))
    except MaildeskError as error:
        book.note(index, error)
