"""Mails in a Maildir, and the commands for them."""

import uuid
from pathlib import Path
from typing import Any

from connectors.mailbox.port import Fetched
from schemas.command import ActionCommand
from schemas.mailbox import Mailbox
from tests.contract.mailbox.rigs import MaildirRig, Rig, fetched, mail
from tests.integration.actions.doing import event_of
from tests.unit.services.actions.making import command

TAG: dict[str, Any] = {"id": "tag", "type": "tag", "add": ["Invoice"]}
STAR: dict[str, Any] = {"id": "star", "type": "star"}
ARCHIVE: dict[str, Any] = {"id": "move", "type": "move_folder", "folder": "Archive"}
NOWHERE: dict[str, Any] = {"id": "move", "type": "move_folder", "folder": "Nowhere"}


def maildir(path: Path) -> tuple[MaildirRig, Mailbox]:
    """A fresh Maildir as mailbox `test`."""
    return MaildirRig(path), Mailbox.model_validate({"id": "test", "source": {"kind": "maildir", "path": str(path)}})


async def seen(rig: Rig, folder: str = "INBOX") -> list[Fetched]:
    """The messages of a folder."""
    connection = rig.open()
    try:
        return await fetched(connection, folder)
    finally:
        await connection.close()


async def arrives(rig: Rig, *actions: dict[str, Any], mailbox: str = "test", **fields: Any) -> ActionCommand:
    """A mail in a conversation of its own, and the command of a rule with these actions."""
    known = {message.uri for message in await seen(rig)}
    rig.deliver(mail())
    (message,) = [message for message in await seen(rig) if message.uri not in known]
    facts = {"event_id": uuid.uuid4(), "conversation": uuid.uuid4()}
    event = event_of(message).model_copy(update=facts | {"mailbox": mailbox})
    return command(event, *actions, **fields)
