"""Undoing tags, stars, read marks and moves on the fake, on a Maildir and on a real Dovecot."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from schemas.command import ActionCommand
from schemas.result import Produced
from services.actions.connections import Connections
from services.actions.effects.mark_read import MarkRead
from services.actions.effects.move_folder import MoveFolder
from services.actions.effects.on_mailbox import MailboxEffect
from services.actions.effects.port import DeclinedError
from services.actions.effects.star import Star
from services.actions.effects.tag import Tag
from services.actions.effects.undo_on_mailbox import AS_BEFORE, NOTHING
from services.actions.states import State
from services.actions.undone import Acted
from tests.contract.mailbox.conftest import dovecot, rig
from tests.contract.mailbox.rigs import MboxRig, Rig, mail
from tests.integration.actions.doing import done, event_of, wanted
from tests.integration.actions.maildirs import seen
from tests.integration.actions.test_originals import answer, arrived, on_original
from tests.unit.services.actions.fakes import job
from tests.unit.services.actions.making import known, mailbox

__all__ = ["dovecot", "rig"]
SEEN = {"\\Seen"}


class Desk:
    """One mail in INBOX, and effects on it."""

    def __init__(self, rig: Rig) -> None:
        self.rig = rig
        self.held = Connections(known(mailbox("test")), lambda _: rig.open())

    async def given(self, **action: Any) -> ActionCommand:
        (message,) = await seen(self.rig)
        return wanted(event_of(message), **action)

    async def undo(
        self,
        effect: MailboxEffect,
        given: ActionCommand,
        made: Produced,
        *later: ActionCommand,
        attempts: int = 1,
        dry_run: bool = False,
    ) -> Produced:
        """As the worker does. `attempts`: how many the action had taken; `later`: what acted on the mail since."""
        found = replace(job(given), uri=made.uri or given.mail.content.uri)
        acted = Acted(
            given.command_id, found.row.key, State.SUCCEEDED, attempts, given, made, undone=False, later=later
        )
        return await effect.undo(found, acted, dry_run=dry_run)

    async def kept(
        self, effect: MailboxEffect, given: ActionCommand, made: Produced, *later: ActionCommand, **how: Any
    ) -> str:
        """It must be left as it is; the reason."""
        with pytest.raises(DeclinedError) as refused:
            await self.undo(effect, given, made, *later, **how)
        return refused.value.code

    def flags(self, folder: str = "INBOX") -> set[str]:
        (found,) = self.rig.flags(folder)
        return found


@pytest.fixture
async def desk(rig: Rig) -> AsyncIterator[Desk]:
    rig.deliver(mail())
    found = Desk(rig)
    yield found
    await found.held.close()


async def test_tags_that_were_there_before_stay_and_those_taken_away_come_back(desk: Desk) -> None:
    tag = Tag(desk.held)
    await done(tag, await desk.given(type="tag", add=["Müller", "old"]))
    before = desk.flags()
    given = await desk.given(type="tag", add=["new", "Müller"], remove=["old", "never there"])
    made = await done(tag, given)
    after = desk.flags()
    dry = await desk.undo(tag, given, made, dry_run=True)
    assert (dry.text, desk.flags()) == ("would untag new; tag old", after)
    back = await desk.undo(tag, given, made)
    assert (back.text, desk.flags()) == ("untagged new; tagged old", before)
    assert (await desk.undo(tag, given, made)).text == AS_BEFORE
    assert desk.flags() == before


@pytest.mark.parametrize("starred", [True, False])
async def test_a_star_is_as_it_was_before(desk: Desk, starred: bool) -> None:
    star = Star(desk.held)
    other, given = await desk.given(type="star", starred=not starred), await desk.given(type="star", starred=starred)
    await done(star, other)
    made = await done(star, given)
    assert ("\\Flagged" in desk.flags()) is starred
    assert (await desk.undo(star, given, made)).text == ("unstarred" if starred else "starred")
    assert ("\\Flagged" in desk.flags()) is not starred
    unchanged = await done(star, other)
    assert (await desk.undo(star, other, unchanged)).text == NOTHING
    assert ("\\Flagged" in desk.flags()) is not starred


async def test_a_read_mark_is_as_it_was_before(desk: Desk) -> None:
    mark = MarkRead(desk.held)
    given = await desk.given(type="mark_read")
    made = await done(mark, given)
    assert (await desk.undo(mark, given, made, dry_run=True)).text == "would mark as unread"
    assert desk.flags() == SEEN
    assert (await desk.undo(mark, given, made)).text == "marked as unread"
    assert desk.flags() == set()


async def test_a_mail_is_moved_back_and_is_there_once(desk: Desk) -> None:
    move = MoveFolder(desk.held)
    given = await desk.given(type="move_folder", folder="Projekte-Übersicht")
    made = await done(move, given)
    assert (await desk.undo(move, given, made, dry_run=True)).text == "would move back to INBOX"
    back = await desk.undo(move, given, made)
    (message,) = await seen(desk.rig)
    assert (back.text, back.uri) == ("moved back to INBOX", message.uri)
    assert desk.rig.flags("Projekte-Übersicht") == []
    again = await desk.undo(move, given, made)
    assert (again.text, again.uri) == (AS_BEFORE, message.uri)


async def test_a_mail_that_was_moved_on_stays_where_it_is(desk: Desk) -> None:
    move = MoveFolder(desk.held)
    given = await desk.given(type="move_folder", folder="Archive")
    made = await done(move, given)
    on = given.model_copy(update={"step": (await _moving_on(given)).step})
    assert (await done(move, on)).uri != made.uri
    for dry_run in (True, False):
        assert await desk.kept(move, given, made, dry_run=dry_run) == "moved-on"
    assert len(desk.rig.flags("Projekte-Übersicht")) == 1


async def _moving_on(given: ActionCommand) -> ActionCommand:
    return wanted(given.event, type="move_folder", folder="Projekte-Übersicht")


async def test_what_was_in_the_folder_already_is_not_moved(desk: Desk) -> None:
    move = MoveFolder(desk.held)
    given = await desk.given(type="move_folder", folder="INBOX")
    made = await done(move, given)
    assert (await desk.undo(move, given, made)).text == NOTHING
    assert len(await seen(desk.rig)) == 1


async def test_a_folder_or_a_mail_that_is_gone_is_said(desk: Desk) -> None:
    move = MoveFolder(desk.held)
    given = await desk.given(type="move_folder", folder="Archive")
    made = await done(move, given)
    elsewhere = made.details["from"].replace("INBOX", "Nowhere")
    lost = made.model_copy(update={"details": {**made.details, "from": elsewhere}})
    assert await desk.kept(move, given, lost) == "folder-missing"
    desk.rig.remove(made.uri)
    assert await desk.kept(move, given, made) == "message-gone"


async def test_nothing_is_changed_on_a_guess(desk: Desk) -> None:
    """Of an older version's results, and where a worker died in the middle of the action."""
    tag, star, mark, move = Tag(desk.held), Star(desk.held), MarkRead(desk.held), MoveFolder(desk.held)
    wishes: list[tuple[MailboxEffect, dict[str, Any]]] = [
        (tag, {"type": "tag", "add": ["a"]}),
        (star, {"type": "star"}),
        (mark, {"type": "mark_read"}),
        (move, {"type": "move_folder", "folder": "INBOX"}),
    ]
    given = [(effect, await desk.given(**wish)) for effect, wish in wishes]
    for effect, command in given:
        first = await done(effect, command)
        asked = {"added": ["a"], "removed": []} if effect is tag else {}
        assert await desk.kept(effect, command, first.model_copy(update={"details": asked})) == "not-known"
        repeated = await done(effect, command)
        assert await desk.kept(effect, command, repeated, attempts=2) == "not-known"
    assert desk.flags() == {"a", "\\Flagged", "\\Seen"}


async def test_what_another_action_has_asked_for_since_stays(desk: Desk) -> None:
    tag, star, move = Tag(desk.held), Star(desk.held), MoveFolder(desk.held)
    given = await desk.given(type="tag", add=["a", "b"])
    made = await done(tag, given)
    other = await desk.given(type="tag", add=["B"])
    assert (await desk.undo(tag, given, made, other)).text == "untagged a"
    assert desk.flags() == {"b"}
    assert await desk.kept(tag, given, made, await desk.given(type="tag", add=["a", "b"])) == "wanted-since"
    starred = await desk.given(type="star")
    on = await done(star, starred)
    assert await desk.kept(star, starred, on, await desk.given(type="star")) == "wanted-since"
    assert "\\Flagged" in desk.flags()
    unstarring = await desk.given(type="star", starred=False)
    assert (await desk.undo(star, starred, on, unstarring)).text == "unstarred"
    filed = await desk.given(type="move_folder", folder="Archive")
    there = await done(move, filed)
    assert await desk.kept(move, filed, there, filed) == "wanted-since"
    assert len(desk.rig.flags("Archive")) == 1


async def test_a_repeated_action_that_surely_changed_it_is_undone(desk: Desk) -> None:
    star = Star(desk.held)
    given = await desk.given(type="star")
    made = await done(star, given)
    assert (await desk.undo(star, given, made, attempts=2)).text == "unstarred"


async def test_the_original_is_put_back_and_the_reply_is_left_alone(desk: Desk) -> None:
    (message,) = await seen(desk.rig)
    desk.rig.remove(message.uri)
    reply = await answer(desk.rig, await arrived(desk.rig))
    star, given = Star(desk.held), on_original(reply, {"id": "act", "type": "star"})
    made = await done(star, given)
    assert desk.flags() == {"\\Flagged"}
    assert (await desk.undo(star, given, made)).text == "unstarred (the original that it answers)"
    assert (desk.flags(), desk.flags("Archive")) == (set(), set())


async def test_a_mailbox_that_became_read_only_is_said(tmp_path: Any) -> None:
    box = MboxRig(tmp_path / "mbox")
    box.deliver(mail())
    desk = Desk(box)
    star, given = Star(desk.held), await desk.given(type="star")
    assert await desk.kept(star, given, Produced(details={"was": False})) == "read-only"
    await desk.held.close()
