"""The same flags for many messages: one UID STORE for those that need the same of it. Blocking."""

from collections.abc import Sequence

from imapclient.exceptions import IMAPClientError

from connectors.mailbox.answer_book import AnswerBook
from connectors.mailbox.imap_change import change_flags, flag_names, gone, not_kept, require_permanent
from connectors.mailbox.imap_find_many import by_folder
from connectors.mailbox.imap_session import DROPPED, ImapSession, Selected
from connectors.mailbox.port import FolderMissingError
from connectors.mailbox.uri import ImapUri
from runtime.errors import MaildeskError

Had = frozenset[str]
"""The flags of a message before the change, in lower case."""


Wanted = tuple[tuple[str, ...], tuple[str, ...]]
"""Flags to set and flags to clear."""


def change_flags_many(
    session: ImapSession, places: Sequence[ImapUri], add: Sequence[str], remove: Sequence[str], book: AnswerBook[Had]
) -> None:
    """Writes an answer for each place into `book`; each as `change_flags` would give it alone.

    A group that the server refuses is tried message by message, so that only the culprit fails.
    """
    for folder, members in by_folder((index, places[index]) for index in book.open).items():
        try:
            # Only SELECT tells that the folder was replaced: what is open goes on being the old one.
            selected = session.select(folder, writable=True, reopen=True)
        except FolderMissingError:
            _note_gone(places, members, book)
            continue
        have = flags_of(session, selected, {index: places[index] for index in members})
        _note_gone(places, [index for index in members if index not in have], book)
        for (missing, surplus), group in _alike(have, add, remove).items():
            _store(session, selected, {i: places[i] for i in group}, (missing, surplus), have, book)


def flags_of(session: ImapSession, selected: Selected, places: dict[int, ImapUri]) -> dict[int, Had]:
    """The flags of those of `places` that are in the selected folder, by index."""
    valid = {index: place for index, place in places.items() if place.uidvalidity == selected.uidvalidity}
    answers = session.client.fetch(sorted({p.uid for p in valid.values()}), ["FLAGS"]) if valid else {}
    return {i: frozenset(flag_names(answers[p.uid])) for i, p in valid.items() if b"FLAGS" in answers.get(p.uid, {})}


def _alike(have: dict[int, Had], add: Sequence[str], remove: Sequence[str]) -> dict[Wanted, list[int]]:
    """Those that lack the same and have the same too much."""
    groups: dict[Wanted, list[int]] = {}
    for index, flags in have.items():
        missing = tuple(flag for flag in add if flag.lower() not in flags)
        surplus = tuple(flag for flag in remove if flag.lower() in flags)
        groups.setdefault((missing, surplus), []).append(index)
    return groups


def _store(
    session: ImapSession,
    selected: Selected,
    group: dict[int, ImapUri],
    wanted: Wanted,
    have: dict[int, Had],
    book: AnswerBook[Had],
) -> None:
    missing, surplus = wanted
    try:
        for flag in (*missing, *surplus):
            require_permanent(session, selected, flag)
        kept = _stored(session, selected, group, wanted, book) if missing or surplus else have
    except DROPPED:
        raise
    except IMAPClientError:
        _store_alone(session, group, wanted, have, book)
        return
    except MaildeskError as error:
        for index in group:
            book.note(index, error)
        return
    for index, place in group.items():
        lost = [flag for flag in missing if flag.lower() not in kept.get(index, ())]
        if index not in kept:
            book.note(index, gone(place))
        else:
            book.note(index, not_kept(session, lost) if lost else have[index])


def _stored(
    session: ImapSession, selected: Selected, group: dict[int, ImapUri], wanted: Wanted, book: AnswerBook[Had]
) -> dict[int, Had]:
    """The flags that each has now; one that is left out is gone.

    STORE tells them. It may tell nothing, that being a server's habit or the mail gone, or what looks like a flag
    lost: then they are asked for.
    """
    missing, surplus = wanted
    uids = sorted({place.uid for place in group.values()})
    told: dict[int, tuple[bytes, ...]] = {}
    session.changing()
    book.begin(group)
    if missing:
        told = session.client.add_flags(uids, missing)
    if surplus:
        told = session.client.remove_flags(uids, surplus)
    now = {i: frozenset(flag_names({b"FLAGS": told[p.uid]})) for i, p in group.items() if p.uid in told}
    sure = {i: flags for i, flags in now.items() if flags.issuperset(flag.lower() for flag in missing)}
    return sure | flags_of(session, selected, {i: place for i, place in group.items() if i not in sure})


def _store_alone(
    session: ImapSession,
    group: dict[int, ImapUri],
    wanted: Wanted,
    have: dict[int, Had],
    book: AnswerBook[Had],
) -> None:
    for index, place in group.items():
        try:
            change_flags(session, place, *wanted)
            book.note(index, have[index])
        except DROPPED:
            raise
        except IMAPClientError as error:
            book.note(index, session.refused(error))
        except MaildeskError as error:
            book.note(index, error)


def _note_gone(places: Sequence[ImapUri], indexes: Sequence[int], book: AnswerBook[Had]) -> None:
    for index in indexes:
        book.note(index, gone(places[index]))
