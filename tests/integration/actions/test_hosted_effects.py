"""Actions on mail that lies in Odoo, from the command to Odoo's stand-in."""

from typing import Any, cast

import pytest

from connectors.mailbox.odoo_scan import OdooHost
from connectors.mailbox.open import open_mailbox
from runtime.errors import MaildeskError, TargetDownError
from schemas.command import ActionCommand
from schemas.mail import Origin
from schemas.mailbox import Mailbox
from schemas.odoo_source import OdooSource
from schemas.result import Produced
from services.actions.connections import Connections
from services.actions.effects.mark_read import MarkRead
from services.actions.effects.move_folder import MoveFolder
from services.actions.effects.on_mailbox import MailboxEffect
from services.actions.effects.port import DeclinedError
from services.actions.effects.star import Star
from services.actions.effects.tag import Tag
from tests.contract.mailbox.rigs import fetched
from tests.contract.odoo.conftest import Site, pretend
from tests.integration.actions.doing import act, event_of, wanted
from tests.unit.connectors.odoo.office import Office
from tests.unit.services.actions.fakes import job
from tests.unit.services.actions.making import known

__all__ = ["pretend"]


class Desk:
    """A mailbox of all mail on leads, in an Odoo of its own."""

    def __init__(self, site: Site) -> None:
        self.odoo = site.odoo
        self.box = Mailbox(id="test", source=OdooSource(kind="odoo"))
        self.host = OdooHost(site.odoo, site.account.database, site.account.login)
        self.connections = Connections(known(self.box), lambda box: open_mailbox(box, lambda _: "", odoo=self.host))

    async def arrives(self, model: str) -> tuple[int, int]:
        """A mail on a new record; both ids."""
        record = int(await self.odoo.call(model, "create", [{"name": "Anna"}]))
        values = {"message_type": "email", "model": model, "res_id": record, "message_id": f"<{record}@x.example>"}
        return record, int(await self.odoo.call("mail.message", "create", [values]))

    async def commands(self, **action: Any) -> list[ActionCommand]:
        """One for each mail."""
        mails = await fetched(open_mailbox(self.box, lambda _: "", odoo=self.host))
        origins = [Origin(kind="odoo", folder="INBOX", uidvalidity="maildesk", uid=m.position.uid) for m in mails]
        return [
            wanted(event_of(message, number, origin=origin), **action)
            for number, (message, origin) in enumerate(zip(mails, origins, strict=True), 1)
        ]

    async def stars(self) -> list[int]:
        rows = await self.odoo.search_read("mail.message", [["starred_partner_ids", "!=", False]], ["id"], limit=9)
        return [int(row["id"]) for row in rows]


@pytest.fixture
def desk(pretend: Site) -> Desk:
    return Desk(pretend)


async def test_mails_are_starred_and_unstarred_once(desk: Desk) -> None:
    _, one = await desk.arrives("crm.lead")
    _, two = await desk.arrives("res.partner")
    effect = Star(desk.connections)
    commands = await desk.commands(type="star")
    for was in (False, True):
        answers = await act(effect, *commands)
        assert [cast("Produced", each).details["was"] for each in answers] == [was, was]
        assert await desk.stars() == [one, two]
    await act(effect, *await desk.commands(type="star", starred=False))
    assert await desk.stars() == []


async def test_tags_go_to_the_record_and_are_skipped_where_it_has_none(desk: Desk) -> None:
    lead, _ = await desk.arrives("crm.lead")
    await desk.arrives("res.partner")
    tagged, skipped = await act(Tag(desk.connections), *await desk.commands(type="tag", add=["Urgent"]))
    assert isinstance(tagged, Produced)
    assert tagged.details["added"] == ["Urgent"]
    assert reason(skipped) == "no-tags"
    (row,) = await desk.odoo.search_read("crm.lead", [["id", "=", lead]], ["tag_ids"], limit=1)
    (tag,) = await desk.odoo.search_read("crm.tag", [["id", "in", row["tag_ids"]]], ["name"], limit=9)
    assert tag["name"] == "Urgent"


@pytest.mark.parametrize(
    ("effect", "action", "code"),
    [
        (MoveFolder, {"type": "move_folder", "folder": "Done"}, "no-folders"),
        (MarkRead, {"type": "mark_read"}, "not-notified"),
    ],
)
async def test_what_odoo_does_not_have_is_skipped(
    desk: Desk, effect: type[MailboxEffect], action: dict[str, Any], code: str
) -> None:
    await desk.arrives("crm.lead")
    (given,) = await desk.commands(**action)
    (answer,) = await act(effect(desk.connections), given)
    assert reason(answer) == code


async def test_a_dry_run_of_a_move_says_the_same(desk: Desk) -> None:
    await desk.arrives("crm.lead")
    (given,) = await desk.commands(type="move_folder", folder="Done")
    with pytest.raises(DeclinedError) as declined:
        await MoveFolder(desk.connections).plan(job(given))
    assert declined.value.code == "no-folders"


async def test_an_odoo_that_is_away_is_no_answer() -> None:
    """Every call says so, and the command waits for the mailbox."""
    office = Office()
    box = Mailbox(id="test", source=OdooSource(kind="odoo"))
    host = OdooHost(office.odoo, "maildesk", "admin")
    connections = Connections(known(box), lambda box: open_mailbox(box, lambda _: "", odoo=host))
    await office.create("mail.message", message_type="email", model="res.partner", res_id=1, message_id="<1@x.example>")
    (message,) = await fetched(open_mailbox(box, lambda _: "", odoo=host))
    office.line.fail = TargetDownError("Odoo cannot be reached", code="odoo-down")
    (answer,) = await act(Star(connections), wanted(event_of(message), type="star"))
    assert isinstance(answer, TargetDownError)


def reason(answer: Produced | MaildeskError) -> str:
    """Why it was skipped."""
    assert isinstance(answer, DeclinedError), answer
    return answer.code
