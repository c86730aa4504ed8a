"""A mail that is replayed is evaluated in a trace of its own, which knows the mail's."""

from runtime.kafka import Outgoing
from schemas.envelope import FOLLOWS, TRACE_HEADERS, encode, header
from schemas.topics import EVALUATION_BACKLOG, MAIL_ARRIVED
from tests.unit.cli.replay.platform import Platform
from tests.unit.services.actions.making import mail

TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


async def test_a_replayed_mail_follows_the_mail_s_trace() -> None:
    platform = Platform()
    traced = encode(mail(mailbox="support"), "/maildesk/ingest", {"traceparent": TRACEPARENT})
    await platform.topics.send_all([Outgoing(MAIL_ARRIVED.name, *traced)])
    await platform.mail(1)
    await platform.pump(await platform.asked((0, 5)))
    sent = [record.headers for record in platform.topics.of(EVALUATION_BACKLOG.name)]
    assert sorted(header(headers, FOLLOWS) for headers in sent) == ["", TRACEPARENT]
    assert not [name for headers in sent for name, _ in headers if name in TRACE_HEADERS]
