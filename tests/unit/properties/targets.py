"""Effects on a world that counts what was really done to it, and fails when it is told to."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Literal, cast
from uuid import UUID

from connectors.odoo.port import Odoo
from runtime.clock import Clock
from runtime.errors import MaildeskError, OutcomeUnknownError, PermanentError, TargetDownError, TransientError
from schemas.command import ActionCommand
from schemas.result import Produced
from services.actions.effects.crm_lead import CrmLead
from services.actions.effects.odoo_site import OdooSite
from services.actions.effects.port import LastingError
from services.actions.model import ClaimKey, Job
from services.actions.sending import Sending
from services.actions.undone import Acted
from tests.unit.properties.scheduler import Scheduler
from tests.unit.properties.watched_store import WatchedStore

Trouble = Literal["transient", "lost answer", "refused", "down"]
_SUBJECTS = CrmLead(OdooSite(cast("Odoo", None), "", "db"))


class Targets:
    """What was done, in order, and what is about to go wrong."""

    def __init__(self, store: WatchedStore) -> None:
        self._store = store
        self.applied: Counter[str] = Counter()
        self.order: list[Job] = []
        self.copies: set[str] = set()
        """Sent mail of which there is a copy to be found."""
        self.leads: dict[str, list[str]] = defaultdict(list)
        self.troubles: dict[str, list[Trouble]] = defaultdict(list)
        self.violations: list[str] = []

    def apply(self, job: Job) -> None:
        """Act, noting what must never happen."""
        key = str(job.row.key)
        self.applied[key] += 1
        self.order.append(job)
        if self.applied[key] > 1:
            self.violations.append(f"{key} was done {self.applied[key]} times")
        if job.command.dry_run:
            self.violations.append(f"{key} was done by a dry run")
        for other in self._store.tables.commands.values():
            before = other.new.lane == job.row.lane and other.seq < job.row.seq and not other.state.final
            identity = other.new.command.command_id
            if before and other.new.command.event.event_id != job.row.event_id and self._known(identity, job):
                self.violations.append(f"{key} overtook {identity} ({other.state})")

    def create_lead(self, job: Job) -> None:
        """Create it, unless an earlier command's is there."""
        if job.existing is None:
            for subject in _SUBJECTS.record_subjects(job.command):
                self.leads[subject].append(str(job.row.key))

    def take_back(self, job: Job, acted: Acted) -> None:
        """Undo it, unless an earlier attempt has; a note on another's lead stays."""
        done, key = str(job.row.key), str(undo_key(acted.key, acted.command_id))
        subjects = [subject for subject, keys in self.leads.items() if done in keys]
        if job.row.type == "crm_lead" and not subjects and not self.applied[key]:
            raise LastingError("the note stays")
        if self.applied[done] != 1:
            self.violations.append(f"{done} was undone, and was done {self.applied[done]} times")
        for subject in subjects:
            self.leads[subject].remove(done)
        self.applied[key] = 1

    def _known(self, other: UUID, job: Job) -> bool:
        accepted = self._store.accepted_at.get(other)
        return accepted is not None and accepted < self._store.claimed_at[job.row.command_id]


def undo_key(key: ClaimKey, undone: UUID) -> ClaimKey:
    """What an undo of that command is claimed under."""
    return ClaimKey(f"undo:{undone}", key.rule_id, key.action_id, 0)


class WorldEffect:
    """One action type. Only `find` keeps it from acting twice; a keyed one also sees it while acting."""

    batch = 2
    seconds = 100.0
    _asks_first = True

    def __init__(self, kind: str, targets: Targets, scheduler: Scheduler, clock: Clock) -> None:
        self.type = kind
        self.keyed = kind in ("star", "crm_lead")
        self.shared_target = "odoo" if kind == "crm_lead" else None
        self._targets = targets
        self._scheduler = scheduler
        self._clock = clock

    def target(self, command: ActionCommand) -> str:
        return self.shared_target or f"mailbox:{command.event.mailbox}"

    def record_subjects(self, command: ActionCommand) -> tuple[str, ...]:
        return _SUBJECTS.record_subjects(command) if self.type == "crm_lead" else ()

    async def plan(self, job: Job) -> Produced:
        await self._scheduler.point("planning")
        return Produced(text=f"would {job.row.type}")

    async def find(self, job: Job) -> Produced | None:
        await self._scheduler.point("looking")
        return self._produced(job) if self._targets.applied[str(job.row.key)] else None

    async def do(self, jobs: Sequence[Job]) -> list[Produced | MaildeskError]:
        began = self._clock.monotonic()
        answers = []
        for job in jobs:
            await self._scheduler.point("before the effect")
            if self._clock.monotonic() - began > self.seconds:
                raise TimeoutError
            answers.append(self._act(job))
            await self._scheduler.point("after the effect")
        return answers

    async def undo(self, job: Job, acted: Acted, *, dry_run: bool) -> Produced:
        """See Undoable."""
        await self._scheduler.point("before the undo")
        trouble = self._trouble()
        if isinstance(trouble, MaildeskError):
            raise trouble
        if not dry_run:
            self._targets.take_back(job, acted)
        await self._scheduler.point("after the undo")
        if trouble == "lost answer":
            raise OutcomeUnknownError("broken off")
        return acted.produced

    async def probe(self) -> None:
        return

    def _trouble(self) -> MaildeskError | Literal["lost answer"] | None:
        troubles = self._targets.troubles[self.type]
        trouble = troubles.pop(0) if troubles else None
        if trouble == "transient":
            return TransientError("not now", code="busy")
        if trouble == "refused":
            return PermanentError("never", code="refused")
        if trouble == "down":
            return TargetDownError("away")
        return trouble

    def _act(self, job: Job) -> Produced | MaildeskError:
        trouble = self._trouble()
        if isinstance(trouble, MaildeskError):
            return trouble
        if not (self.keyed and self._asks_first and self._targets.applied[str(job.row.key)]):
            self._targets.apply(job)
            if self.type == "crm_lead":
                self._targets.create_lead(job)
        return OutcomeUnknownError("broken off") if trouble == "lost answer" else self._produced(job)

    def _produced(self, job: Job) -> Produced:
        if self.type == "crm_lead":
            return job.existing or Produced(kind="record", model="crm.lead", res_id=1 + job.row.seq, text="created")
        return Produced(kind="mailbox", uri=f"eml://{job.command.event.mailbox}/moved", text="done")


class SendingEffect(WorldEffect):
    """What nobody can be asked about afterwards, unless its copy was made in time."""

    _asks_first = False

    def __init__(self, targets: Targets, scheduler: Scheduler, clock: Clock, sending: Sending) -> None:
        super().__init__("auto_reply", targets, scheduler, clock)
        self.keyed = True
        self._sending = sending

    async def find(self, job: Job) -> Produced | None:
        await self._scheduler.point("looking")
        return self._produced(job) if str(job.row.key) in self._targets.copies else None

    async def do(self, jobs: Sequence[Job]) -> list[Produced | MaildeskError]:
        return [await self._send(job) for job in jobs]

    async def undo(self, job: Job, acted: Acted, *, dry_run: bool) -> Produced:
        del job, acted, dry_run
        raise LastingError("what was sent stays")

    async def _send(self, job: Job) -> Produced | MaildeskError:
        try:
            await self._sending.begin(job)
        except TransientError as error:
            return error
        await self._scheduler.point("before the message is handed over")
        answer = self._act(job)
        await self._scheduler.point("after the message was handed over")
        if self._targets.applied[str(job.row.key)]:
            self._targets.copies.add(str(job.row.key))
        await self._scheduler.point("after the copy was made")
        return answer
