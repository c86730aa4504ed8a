"""A mail that is moved between the look and the undo, as an undo of the same rule's move does."""

import pytest

from connectors.mailbox.changes import Changed, TagChange
from connectors.mailbox.digest import digest, header_digest
from connectors.mailbox.fake import FakeMailbox
from connectors.mailbox.port import Reference
from schemas.result import Produced
from services.actions.effects.port import DeclinedError
from services.actions.effects.undo_on_mailbox import undo_change
from services.actions.model import ClaimKey
from services.actions.states import State
from services.actions.undone import Acted
from tests.unit.services.actions.making import command

RAW = b"Message-ID: <a@x.example>\r\nSubject: a\r\n\r\nx\r\n"
DONE = TagChange(("news",))


class Moved(FakeMailbox):
    """Somebody moves the mail right after it was looked for, so many times."""

    moves = 1

    async def change_tags(self, uri: str, add: tuple[str, ...], remove: tuple[str, ...]) -> Changed:
        if self.moves:
            self.moves -= 1
            await self.move(reference(uri), uri, "Archive" if "INBOX" in uri else "INBOX")
        return await super().change_tags(uri, add, remove)


def reference(uri: str) -> Reference:
    return Reference(uri, digest(RAW), header_digest(RAW), len(RAW), "<a@x.example>")


def acted() -> Acted:
    given = command()
    made = Produced(kind="mailbox", details={"added": ["news"], "removed": [], "unchanged": []})
    key = ClaimKey("message:1", "r1", "tag", 0)
    return Acted(given.command_id, key, State.SUCCEEDED, 1, given, made, undone=False)


async def test_it_is_looked_for_once_more() -> None:
    box = Moved()
    uri = box.deliver(RAW, flags=("news",))
    found = await undo_change(box, reference(uri), DONE, acted(), dry_run=False)
    assert found.text == "untagged news"
    assert [(stored.raw, stored.flags) for stored in box.stored["Archive"].messages.values()] == [(RAW, ())]


async def test_one_that_stays_away_is_left_as_it_is() -> None:
    box = Moved()
    box.moves = 2
    uri = box.deliver(RAW, flags=("news",))
    with pytest.raises(DeclinedError) as declined:
        await undo_change(box, reference(uri), DONE, acted(), dry_run=False)
    assert declined.value.code == "message-gone"
