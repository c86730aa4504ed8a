"""Commands that this process has in its hands anyway, so that they need not be read and parsed again."""

from collections.abc import Iterable
from uuid import UUID
from weakref import WeakValueDictionary

from schemas.command import ActionCommand
from services.actions.model import NewCommand


class Known:
    """By id, for as long as somebody else holds the command: it keeps nothing alive, and may forget at any time.

    Only what was really written down belongs here: of two commands of one id the first counts, and it never changes.
    """

    def __init__(self) -> None:
        self._commands: WeakValueDictionary[UUID, ActionCommand] = WeakValueDictionary()

    def remember(self, accepted: Iterable[NewCommand]) -> None:
        """After the commit."""
        for each in accepted:
            self._commands[each.command.command_id] = each.command

    def of(self, ids: Iterable[UUID]) -> dict[UUID, ActionCommand]:
        """Those of them that it knows."""
        found = ((each, self._commands.get(each)) for each in ids)
        return {each: command for each, command in found if command is not None}
