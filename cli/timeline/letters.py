"""Dead letters of some mails, and what became of them, as steps."""

from collections.abc import Mapping
from uuid import UUID

from pydantic import ValidationError

from cli.dlq_survey import Head
from cli.timeline.steps import Step
from runtime.kafka import Received
from runtime.kafka_scan import Scan
from schemas.dead_letter import DeadLetter, DeadLetterHandled
from schemas.envelope import header
from schemas.ids import LIVE

MOST = 1_000


async def letters_of(scan: Scan, mailboxes: Mapping[UUID, str], commands: Mapping[UUID, UUID]) -> list[Step]:
    """Reads all dead letters once. Raises TargetDownError.

    `mailboxes`: of the mails, by event. `commands`: the events that commands are about.
    """
    found = _Letters(mailboxes, commands)
    async for portion in scan.read(await scan.start()):
        for record in portion:
            found.take(record)
    return found.steps


class _Letters:
    def __init__(self, mailboxes: Mapping[UUID, str], commands: Mapping[UUID, UUID]) -> None:
        self._mailboxes = mailboxes
        self._commands = commands
        self._known: dict[str, tuple[str, UUID, str]] = {}
        self.steps: list[Step] = []

    def take(self, record: Received) -> None:
        try:
            if header(record.headers, "ce_type") == DeadLetterHandled.ce_type:
                self._handled(DeadLetterHandled.model_validate_json(record.value or b""))
            elif header(record.headers, "ce_type") == DeadLetter.ce_type:
                self._letter(Head.model_validate_json(record.value or b""))
        except ValidationError:
            return

    def _letter(self, head: Head) -> None:
        if head.id in self._known or len(self._known) >= MOST:
            return
        named = self._named(head)
        if named is None:
            return
        self._known[head.id] = named
        self.steps.append(Step(head.at, 8, "dead letter", *named, f"{head.topic}: {head.code} ({head.id})"))

    def _handled(self, mark: DeadLetterHandled) -> None:
        if (named := self._known.get(mark.letter)) is not None:
            text = f"{mark.topic}: {mark.letter}" + (f" by {mark.by}" if mark.by else "")
            self.steps.append(Step(mark.at, 9, f"dead letter {mark.how}", *named, text))

    def _named(self, head: Head) -> tuple[str, UUID, str] | None:
        """Mailbox, event and run of the mail that it is about, if that is one of ours."""
        if head.command is not None:
            event, run = head.command.event_id, head.command.run
            return (head.command.mailbox, event, run) if event in self._mailboxes else None
        run, _, last = (header(head.headers, "ce_id") or "").rpartition("/")
        try:
            named = UUID(last)
        except ValueError:
            return None
        event = self._commands.get(named, named)
        return (self._mailboxes[event], event, run or LIVE) if event in self._mailboxes else None
