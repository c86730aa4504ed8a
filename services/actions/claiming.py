"""The claim: who may act now, who waits for whom, and what needs no acting at all. One transaction for a batch."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from schemas.command import ActionCommand
from schemas.result import Produced
from services.actions.judging import OUTCOME_UNKNOWN
from services.actions.lanes import sort_by_lane
from services.actions.model import ClaimKey, ClaimRow, CommandRow, Job, Stage, Verdict
from services.actions.policy import Policy
from services.actions.port import Unit
from services.actions.settling import settle
from services.actions.states import SUPERSEDED, Event, State, transition

RecordSubjects = Callable[[ActionCommand], tuple[str, ...]]


@dataclass(slots=True)
class Claimed:
    """The outcome: jobs under lease, verdicts already written down, and ids to look at again once these are done."""

    jobs: list[Job] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)
    again: list[UUID] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Ready:
    """A command that holds all that it needs; `existing` is what an earlier one produced under a record's key."""

    row: CommandRow
    records: tuple[ClaimKey, ...] = ()
    existing: Produced | None = None


class Claiming:
    """Claims commands of one action type. `record_subjects` names the records that a command may create."""

    def __init__(self, policy: Policy, record_subjects: RecordSubjects) -> None:
        self._policy = policy
        self._record_subjects = record_subjects

    async def claim(self, unit: Unit, ids: Sequence[UUID], lease_ends: float) -> Claimed:
        """Take what can be taken now. `lease_ends` is on the caller's monotonic clock, counted from before the call."""
        outcome = Claimed()
        rows = [row for row in await unit.lock_claimable(ids) if not self._needs_no_claim(row, outcome)]
        free = await self._free_lanes(unit, [row for row in rows if row.state is not State.SENDING], outcome)
        ready = await self._take(unit, free, outcome)
        # These have their claims and their place in the lane, and only look.
        ready += [_Ready(row, self._record_keys(row)) for row in rows if row.state is State.SENDING]
        if ready:
            outcome.jobs = await self._lease(unit, ready, lease_ends)
        outcome.verdicts = await settle(unit, outcome.verdicts)
        return outcome

    def _needs_no_claim(self, row: CommandRow, outcome: Claimed) -> bool:
        if (reason := row.command.skip) and row.state is State.SENDING:
            # Only what was erased meanwhile: without its content nobody can look whether it has acted.
            outcome.verdicts.append(_verdict(row, Event.UNKNOWN, OUTCOME_UNKNOWN, reason))
            return True
        if reason:
            outcome.verdicts.append(_verdict(row, Event.DECLINED, *_split(reason)))
            return True
        # One more than the attempts: the last lease only looks whether the last attempt has acted.
        if row.state in (State.RUNNING, State.SENDING) and row.attempt > self._policy.max_attempts:
            event, reason = Event.EXHAUSTED, "worker-died"
            if row.state is State.SENDING:
                event, reason = Event.UNKNOWN, OUTCOME_UNKNOWN
            text = f"the worker died in each of {row.attempt} attempts; the last ones may have acted"
            outcome.verdicts.append(_verdict(row, event, reason, text))
            return True
        return False

    async def _free_lanes(self, unit: Unit, rows: list[CommandRow], outcome: Claimed) -> list[CommandRow]:
        """Those that no earlier mail of the conversation is in the way of."""
        lanes = await sort_by_lane(unit, rows, self._policy.lane_bound)
        outcome.again += [row.command_id for row in lanes.after]
        text = "an earlier command of this conversation still has work on this target"
        outcome.verdicts += [self._waiting(unit, row, Event.LANE_BUSY, text) for row in lanes.behind]
        decided = {verdict.row.command_id for verdict in outcome.verdicts}
        for late, behind in lanes.overdue:
            if late.state is State.RETRY_WAIT and late.command_id not in decided:
                text = f"the mail {behind.event_id} waits behind it"
                outcome.verdicts.append(_verdict(late, Event.SUPERSEDED, SUPERSEDED, text))
        return lanes.free

    async def _take(self, unit: Unit, rows: Sequence[CommandRow], outcome: Claimed) -> list[_Ready]:
        """Take the claims. A dry run needs none."""
        acting = [(row, self._record_keys(row)) for row in rows if not row.command.dry_run]
        wanted = [(key, row.command_id) for row, records in acting for key in (row.key, *records)]
        claims = await unit.take_claims(wanted)
        ready = [_Ready(row) for row in rows if row.command.dry_run]
        begin: set[UUID] = set()
        after: list[UUID] = []
        for row, records in acting:
            found = [claims.get(key) for key in (row.key, *records)]
            if (verdict := self._judge(unit, row, found)) is None:
                earlier = (claims[key].produced for key in records if claims[key].succeeded)
                ready.append(_Ready(row, records, next(earlier, None)))
                begin.add(row.command_id)
            elif verdict.event is Event.CLAIM_BUSY and any(claim and claim.holder in begin for claim in found):
                after.append(row.command_id)
            else:
                outcome.verdicts.append(verdict)
        if after:
            await unit.release_claims(after)
            outcome.again += after
        return ready

    def _record_keys(self, row: CommandRow) -> tuple[ClaimKey, ...]:
        return tuple(ClaimKey(subject, "", "", 0) for subject in self._record_subjects(row.command))

    def _judge(self, unit: Unit, row: CommandRow, claims: Sequence[ClaimRow | None]) -> Verdict | None:
        """Why the command cannot act now, if so. The first claim is its own, the others are of records."""
        own = claims[0]
        if own is not None and own.holder != row.command_id and own.succeeded:
            text = f"done before, by command {own.holder}"
            return replace(_verdict(row, Event.CLAIM_DONE, "duplicate", text), produced=own.produced or Produced())
        if any(claim is None or (claim.holder != row.command_id and not claim.succeeded) for claim in claims):
            return self._waiting(unit, row, Event.CLAIM_BUSY, "another command is at the same work")
        return None

    async def _lease(self, unit: Unit, ready: Sequence[_Ready], lease_ends: float) -> list[Job]:
        states = [transition(each.row.state, Event.CLAIMED).state for each in ready]
        wanted = [(each.row.command_id, state, each.row.attempt + 1) for each, state in zip(ready, states, strict=True)]
        leases = await unit.take_leases(wanted, self._policy.lease, self._policy.worker)
        placed = await unit.placements([each.row.command.mail.event_id for each in ready])
        jobs = []
        for each, state in zip(ready, states, strict=True):
            row, mail = each.row, each.row.command.mail
            fence, started_at = leases[row.command_id]
            jobs.append(
                Job(
                    row=row.come_to(state),
                    fence=fence,
                    attempt=row.attempt + 1,
                    started_at=started_at,
                    lease_ends=lease_ends,
                    uri=placed.get(mail.event_id, mail.content.uri),
                    records=each.records,
                    existing=each.existing,
                    stage=Stage(state),
                )
            )
        return jobs

    def _waiting(self, unit: Unit, row: CommandRow, event: Event, text: str) -> Verdict:
        """The longer a command has been here, the less often it looks."""
        wait = (unit.now - row.accepted_at) / 20
        wait = min(max(wait, self._policy.claim_wait), self._policy.claim_wait_longest)
        return replace(_verdict(row, event, str(event), text), wait=wait)


def _verdict(row: CommandRow, event: Event, reason: str, text: str) -> Verdict:
    return Verdict(row, event, fence=row.fence, attempt=row.attempt, reason=reason, text=text)


def _split(skip: str) -> tuple[str, str]:
    """`outside window: received on …` → the code `outside-window`, and the text."""
    return skip.split(":", 1)[0].strip().replace(" ", "-"), skip
