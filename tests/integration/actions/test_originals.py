"""Actions on the original that a sent mail answers: the effects on the fake and a Maildir, then the whole service."""

import uuid
from pathlib import Path
from typing import Any

import pytest

from schemas.command import ActionCommand
from schemas.mail import MailArrived, MailSent, Original
from services.actions.connections import Connections
from services.actions.effects.move_folder import MoveFolder
from services.actions.effects.star import Star
from services.actions.effects.tag import Tag
from tests.contract.mailbox.rigs import FakeRig, MaildirRig, Rig, mail
from tests.integration.actions.doing import done, event_of
from tests.integration.actions.house import House, steps
from tests.integration.actions.maildirs import ARCHIVE, STAR, TAG, maildir, seen
from tests.unit.services.actions.fakes import job
from tests.unit.services.actions.making import command, known, mailbox

TOLD = "(the original that it answers)"


@pytest.fixture(params=["fake", "maildir"])
def rig(request: pytest.FixtureRequest, tmp_path: Path) -> Rig:
    return FakeRig() if request.param == "fake" else MaildirRig(tmp_path / "maildir")


async def arrived(rig: Rig) -> MailArrived:
    """A mail in INBOX, in a conversation of its own."""
    rig.deliver(mail())
    (message,) = await seen(rig)
    return event_of(message).model_copy(update={"event_id": uuid.uuid4(), "conversation": uuid.uuid4()})


async def answer(rig: Rig, original: MailArrived) -> MailSent:
    """A reply to it, which lies in Archive."""
    before = {message.uri for message in await seen(rig, "Archive")}
    rig.deliver(mail(), "Archive")
    (message,) = [each for each in await seen(rig, "Archive") if each.uri not in before]
    facts = event_of(message).model_dump() | {"direction": "outgoing", "event_id": uuid.uuid4()}
    known_as = Original(event_id=original.event_id, message_id=original.message_id, content=original.content)
    return MailSent.model_validate(facts | {"conversation": original.conversation, "original": known_as})


def on_original(event: MailSent, *actions: dict[str, Any]) -> ActionCommand:
    return command(event, *({**each, "target": "original"} for each in actions), trigger="after_send")


async def test_the_original_is_changed_and_the_reply_is_not(rig: Rig) -> None:
    held = Connections(known(mailbox("test")), lambda _: rig.open())
    reply = await answer(rig, await arrived(rig))
    tagged = await done(Tag(held), on_original(reply, TAG))
    starred = await done(Star(held), on_original(reply, STAR))
    assert (tagged.text, starred.text) == (f"tagged Invoice {TOLD}", f"starred {TOLD}")
    assert tagged.details["original"]["event_id"] == str(reply.original.event_id if reply.original else None)
    assert rig.flags() == [{"Invoice", "\\Flagged"}]
    assert rig.flags("Archive") == [set()]
    moved = await done(MoveFolder(held), on_original(reply, {**ARCHIVE, "folder": "Projekte-Übersicht"}))
    assert moved.text == f"moved to Projekte-Übersicht {TOLD}"
    counts = [len(await seen(rig, folder)) for folder in ("INBOX", "Archive", "Projekte-Übersicht")]
    assert counts == [0, 1, 1]
    assert (await done(Star(held), command(reply, STAR, trigger="after_send"))).text == "starred"
    await held.close()


async def test_a_plan_says_that_it_is_about_the_original(rig: Rig) -> None:
    held = Connections(known(mailbox("test")), lambda _: rig.open())
    reply = await answer(rig, await arrived(rig))
    planned = await MoveFolder(held).plan(job(on_original(reply, ARCHIVE)))
    assert planned.text == f"would move to Archive {TOLD}"
    assert len(await seen(rig)) == 1
    await held.close()


async def test_two_replies_to_one_mail_through_the_service(shared: House, tmp_path: Path) -> None:
    rig, box = maildir(tmp_path / "maildir")
    await shared.mailboxes(box)
    worker = shared.worker("originals")
    await worker.component("postgres", ready=True)
    original = await arrived(rig)
    first = await answer(rig, original)
    second = await answer(rig, original)
    moving, again = on_original(first, ARCHIVE, TAG), on_original(second, ARCHIVE, TAG)
    later = on_original(second, STAR).model_copy(update={"rule": moving.rule.model_copy(update={"id": "r2"})})
    await shared.command(moving)
    moved, tagged = await shared.final(*steps(moving))
    assert (moved.state, tagged.state) == ("succeeded", "succeeded")
    assert (moved.event_id, moved.message_id) == (first.event_id, first.message_id)
    assert (moved.text, tagged.text) == (f"moved to Archive {TOLD}", f"tagged Invoice {TOLD}")
    await shared.command(again, later)
    repeated, untagged, starred = await shared.final(*steps(again), later)
    assert [(each.state, each.reason) for each in (repeated, untagged)] == [("skipped", "duplicate")] * 2
    assert starred.produced.uri == moved.produced.uri
    assert sorted(len(flags) for flags in rig.flags("Archive")) == [0, 0, 2]
    assert await seen(rig) == []
