"""`notify_channel`: a message of the API user in a Discuss channel that exists.

It carries a Message-ID made from the idempotency key, which is looked for before it is written again. Nothing in Odoo
keeps Message-IDs unique, so a call that was not answered is looked for only when Odoo must have ended it.
"""

from collections.abc import Sequence

from connectors.odoo.port import Post
from runtime.errors import MaildeskError
from schemas.ids import message_id
from schemas.odoo_action import NotifyChannelAction
from schemas.result import Produced
from services.actions.effects.channels import DiscussChannel, find_channel
from services.actions.effects.odoo_text import as_html
from services.actions.effects.on_odoo import OdooEffect
from services.actions.effects.one_by_one import one_by_one
from services.actions.effects.port import may_still_run
from services.actions.event_text import fill, flat
from services.actions.model import Job


class NotifyChannel(OdooEffect):
    """Writes one after the other, so that a channel reads in the order of the mail."""

    type = "notify_channel"
    needs = "Discuss, and a channel that the API user may see; none is ever created"
    repeat = "a Message-ID made from the idempotency key, looked for when Odoo must have ended the first call"
    stays = "what was posted in a channel stays: it may have been read and answered"
    batch = 20
    keyed = False

    async def plan(self, job: Job) -> Produced:
        channel = await find_channel(self._site, _action(job).channel)
        return Produced(text=f"would write into channel {channel.name}: {flat(_text(job))}")

    async def find(self, job: Job) -> Produced | None:
        domain = [["message_id", "=", _ident(job)]]
        found = await self._site.odoo.search_read("mail.message", domain, ["model", "res_id"], limit=1, order="id")
        return self._produced(int(found[0]["id"]), _action(job).channel) if found else None

    async def do(self, jobs: Sequence[Job]) -> list[Produced | MaildeskError]:
        channels: dict[str, DiscussChannel] = {}

        async def write(job: Job) -> Produced:
            wanted = _action(job).channel
            if wanted not in channels:
                channels[wanted] = await find_channel(self._site, wanted)
            channel = channels[wanted]
            post = Post(_ident(job), as_html(_text(job)), subtype="mail.mt_comment")
            written = await self._site.odoo.message_post(channel.model, channel.id, post)
            return self._produced(written, channel.name)

        answers = await one_by_one(jobs, write, self.seconds, "Odoo")
        return [may_still_run(answer) for answer in answers]

    def _produced(self, message: int, channel: str) -> Produced:
        return self._site.record("mail.message", message, f"wrote into channel {channel}", channel=channel)


def _action(job: Job) -> NotifyChannelAction:
    action = job.command.step.action
    assert isinstance(action, NotifyChannelAction)
    return action


def _text(job: Job) -> str:
    return fill(_action(job).text, job.command.event)


def _ident(job: Job) -> str:
    return message_id("notify_channel", str(job.row.key))
