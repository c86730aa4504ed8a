"""Many messages where a command takes one: one after the other, each with its own answer."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from connectors.mailbox.changes import Change, Changed, SeenChange, StarChange, TagChange
from connectors.mailbox.port import MailboxConnection, Reference
from runtime.errors import MaildeskError, TargetDownError

T = TypeVar("T")
R = TypeVar("R")


class EachAlone:
    """The half of a MailboxConnection that needs nothing but its other half."""

    async def locate_many(self: MailboxConnection, references: Sequence[Reference]) -> list[str | MaildeskError]:
        """See MailboxConnection."""
        return await answers(references, self.locate)

    async def change_many(
        self: MailboxConnection, change: Change, places: Sequence[tuple[Reference, str]]
    ) -> list[Changed | MaildeskError]:
        """See MailboxConnection."""
        return await answers(places, lambda place: change_one(self, change, *place))


async def change_one(connection: MailboxConnection, change: Change, reference: Reference, uri: str) -> Changed:
    """The message at `uri`."""
    if isinstance(change, TagChange):
        return await connection.change_tags(uri, change.add, change.remove)
    if isinstance(change, StarChange):
        return await connection.set_starred(uri, change.starred)
    if isinstance(change, SeenChange):
        return await connection.set_seen(uri, change.seen)
    return Changed(await connection.move(reference, uri, change.folder))


async def answers(items: Sequence[T], ask: Callable[[T], Awaitable[R]]) -> list[R | MaildeskError]:
    """In order. Once the target is down, the rest need not find out for themselves."""
    found: list[R | MaildeskError] = []
    for item in items:
        try:
            found.append(await ask(item))
        except TargetDownError as error:
            return found + [error] * (len(items) - len(found))
        except MaildeskError as error:
            found.append(error)
    return found
