from runtime.kafka import Received
from schemas import envelope
from schemas.mail import Published
from schemas.mailbox import EmlSource, Mailbox
from schemas.registry import MailboxRegistry
from schemas.rule import MailboxChanged, RulesetPublished


def received(record: Published, value: bytes | None = b"") -> Received:
    key, encoded, headers = envelope.encode(record, "/maildesk/console")
    return Received("automation-rules", 0, 0, key, encoded if value == b"" else value, tuple(headers), 0)


def changed(name: str, path: str = "/mail") -> MailboxChanged:
    return MailboxChanged(version=1, mailbox=Mailbox(id=name, source=EmlSource(kind="eml", path=path)))


def closed(version: int) -> Received:
    return received(RulesetPublished(version=version))


def test_a_version_takes_effect_when_it_is_closed() -> None:
    registry = MailboxRegistry()
    assert not registry.take([received(changed("info"))])
    assert registry.mailboxes == {}
    assert registry.take([closed(1)])
    assert (registry.version, set(registry.mailboxes)) == (1, {"info"})


def test_a_tombstone_removes_and_a_record_replaces() -> None:
    registry = MailboxRegistry()
    registry.take([received(changed("info")), received(changed("sales")), closed(1)])
    registry.take([received(changed("info", "/other")), received(changed("sales"), None), closed(2)])
    assert [box.source for box in registry.mailboxes.values()] == [EmlSource(kind="eml", path="/other")]


def test_what_cannot_be_read_leaves_the_mailbox_as_it_was() -> None:
    registry = MailboxRegistry()
    registry.take([received(changed("info")), closed(1)])
    registry.take([received(changed("info", "/x"), b'{"version": 2, "mailbox": {"id": "info"}}'), closed(2)])
    assert registry.version == 2
    assert registry.mailboxes["info"].source == EmlSource(kind="eml", path="/mail")


def test_other_records_do_not_matter() -> None:
    registry = MailboxRegistry()
    odd = Received("automation-rules", 0, 0, b"rule/x", b"{}", (("ce_type", b"maildesk.rule-changed.v1"),), 0)
    assert not registry.take([odd, Received("automation-rules", 0, 1, b"", b"\xff", (), 0)])
