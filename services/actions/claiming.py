"""The claim: who may act now, who waits for whom, and what needs no acting at all. One transaction for a batch."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from schemas.command import ActionCommand
from services.actions.model import ClaimKey, ClaimRow, CommandRow, Job, Verdict
from services.actions.policy import Policy
from services.actions.port import Unit
from services.actions.settling import settle
from services.actions.states import Event, State

RecordSubjects = Callable[[ActionCommand], tuple[str, ...]]


@dataclass(slots=True)
class Claimed:
    """The outcome: jobs under lease, verdicts already written down, and ids to look at again at once."""

    jobs: list[Job] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)
    again: list[UUID] = field(default_factory=list)


class Claiming:
    """Claims commands of one action type. `record_subjects` names the records that a command may create."""

    def __init__(self, policy: Policy, record_subjects: RecordSubjects) -> None:
        self._policy = policy
        self._record_subjects = record_subjects

    async def claim(self, unit: Unit, ids: Sequence[UUID], lease_ends: float) -> Claimed:
        """Take what can be taken now. `lease_ends` is on the caller's monotonic clock, counted from before the call."""
        outcome = Claimed()
        rows = [row for row in await unit.lock_claimable(ids) if not self._needs_no_claim(row, outcome)]
        rows = await self._free_lanes(unit, rows, outcome)
        existing = await self._take(unit, rows, outcome)
        await self._lease(unit, [row for row in rows if row.command_id in existing], existing, lease_ends, outcome)
        outcome.verdicts = await settle(unit, outcome.verdicts)
        return outcome

    def _needs_no_claim(self, row: CommandRow, outcome: Claimed) -> bool:
        if row.command.step.skip:
            outcome.verdicts.append(_verdict(row, Event.DECLINED, *_split(row.command.step.skip)))
            return True
        if row.state is State.RUNNING and row.attempt >= self._policy.max_attempts:
            text = f"the worker died in each of {row.attempt} attempts"
            outcome.verdicts.append(_verdict(row, Event.EXHAUSTED, "worker-died", text))
            return True
        return False

    async def _free_lanes(self, unit: Unit, rows: list[CommandRow], outcome: Claimed) -> list[CommandRow]:
        """Those that no earlier mail of the conversation is in the way of."""
        blockers = await unit.blockers([row for row in rows if not row.command.dry_run]) if rows else {}
        taken: dict[str, UUID] = {}
        free: list[CommandRow] = []
        for row in rows:
            if row.command.dry_run:
                free.append(row)
            elif taken.setdefault(row.lane, row.event_id) != row.event_id:
                outcome.again.append(row.command_id)
            elif (blocker := blockers.get(row.command_id)) is None:
                free.append(row)
            else:
                waits_for_target = blocker.wait_reason == "target-down"
                if blocker.state is State.RETRY_WAIT and not waits_for_target and self._waited_enough(unit, row):
                    await self._supersede(unit, blocker.command_id, row, outcome)
                text = "an earlier mail of this conversation still has work on this target"
                outcome.verdicts.append(self._waiting(row, Event.LANE_BUSY, text))
        return free

    def _waited_enough(self, unit: Unit, row: CommandRow) -> bool:
        return row.blocked_since is not None and unit.now - row.blocked_since > self._policy.lane_bound

    async def _supersede(self, unit: Unit, blocker: UUID, waiting: CommandRow, outcome: Claimed) -> None:
        already = {verdict.row.command_id for verdict in outcome.verdicts}
        for row in await unit.lock_claimable([blocker]):
            if row.state is State.RETRY_WAIT and row.command_id not in already:
                text = f"a later mail of the conversation waited too long behind it (event {waiting.event_id})"
                outcome.verdicts.append(_verdict(row, Event.SUPERSEDED, "superseded", text))

    async def _take(
        self, unit: Unit, rows: Sequence[CommandRow], outcome: Claimed
    ) -> dict[UUID, tuple[tuple[ClaimKey, ...], ClaimRow | None]]:
        """Take the claims; returns, for those that got theirs, the record keys and an earlier record under them."""
        records = {row.command_id: () if row.command.dry_run else self._record_keys(row) for row in rows}
        wanted = [
            (key, row.command_id)
            for row in rows
            if not row.command.dry_run
            for key in (row.key, *records[row.command_id])
        ]
        claims = await unit.take_claims(wanted)
        ready: dict[UUID, tuple[tuple[ClaimKey, ...], ClaimRow | None]] = {}
        for row in rows:
            keys = records[row.command_id]
            verdict = None if row.command.dry_run else self._judge(row, [claims[key] for key in (row.key, *keys)])
            if verdict is not None:
                outcome.verdicts.append(verdict)
            else:
                earlier = [claims[key] for key in keys if claims[key].succeeded]
                ready[row.command_id] = (keys, earlier[0] if earlier else None)
        return ready

    def _record_keys(self, row: CommandRow) -> tuple[ClaimKey, ...]:
        return tuple(ClaimKey(subject, "", "", 0) for subject in self._record_subjects(row.command))

    def _judge(self, row: CommandRow, claims: Sequence[ClaimRow]) -> Verdict | None:
        """Why the command cannot act now, if so. The first claim is its own, the others are of records."""
        own, *records = claims
        if own.holder != row.command_id and own.succeeded:
            text = f"done before, by command {own.holder}"
            verdict = _verdict(row, Event.CLAIM_DONE, "duplicate", text)
            return replace(verdict, produced=own.produced) if own.produced else verdict
        if any(claim.holder != row.command_id and not claim.succeeded for claim in (own, *records)):
            return self._waiting(row, Event.CLAIM_BUSY, "another command is at the same work")
        return None

    async def _lease(
        self,
        unit: Unit,
        rows: Sequence[CommandRow],
        ready: dict[UUID, tuple[tuple[ClaimKey, ...], ClaimRow | None]],
        lease_ends: float,
        outcome: Claimed,
    ) -> None:
        if not rows:
            return
        wanted = [(row.command_id, State.RUNNING, row.attempt + 1) for row in rows]
        leases = await unit.take_leases(wanted, self._policy.lease, self._policy.worker)
        placed = await unit.placements([row.event_id for row in rows])
        for row in rows:
            fence, started_at = leases[row.command_id]
            records, earlier = ready[row.command_id]
            job = Job(
                row=replace(row, state=State.RUNNING),
                fence=fence,
                attempt=row.attempt + 1,
                started_at=started_at,
                lease_ends=lease_ends,
                uri=placed.get(row.event_id, row.command.event.content.uri),
                records=records,
                existing=earlier.produced if earlier else None,
            )
            outcome.jobs.append(job)

    def _waiting(self, row: CommandRow, event: Event, text: str) -> Verdict:
        return replace(_verdict(row, event, str(event), text), wait=self._policy.claim_wait)


def _verdict(row: CommandRow, event: Event, reason: str, text: str) -> Verdict:
    return Verdict(row, event, fence=row.fence, attempt=row.attempt, reason=reason, text=text)


def _split(skip: str) -> tuple[str, str]:
    """`conflict: rule x moves this message` → code and text."""
    return skip.split(":", 1)[0].strip(), skip
