"""Whether a command may still begin: its mailbox and its rule as they are now, and how old it is."""

from runtime.errors import MaildeskError, TargetDownError
from schemas.command import ActionCommand
from schemas.ids import as_it_arrives
from schemas.registry import MailboxRegistry, RuleRegistry
from services.actions.effects.port import DeclinedError
from services.actions.judging import MAILBOX_UNKNOWN
from services.actions.model import Job
from services.actions.policy import Policy


class Standing:
    """Of `automation-rules` this process may have read less than the evaluator that decided; then it waits."""

    def __init__(self, mailboxes: MailboxRegistry, rules: RuleRegistry, policy: Policy) -> None:
        self._mailboxes = mailboxes
        self._rules = rules
        self._policy = policy

    def refusal(self, job: Job) -> MaildeskError | None:
        """Why the job must not begin, or not yet; None when it may."""
        return self._of_mailbox(job) or self._of_rule(job.command) or _of_age(job)

    def _of_mailbox(self, job: Job) -> MaildeskError | None:
        name = job.command.event.mailbox
        mailbox = self._mailboxes.get(name)
        if mailbox is None:
            if self._behind(job):
                return TargetDownError(f"the mailbox {name} is not known here yet", code=MAILBOX_UNKNOWN)
            return DeclinedError("the mailbox does not exist any more", code="mailbox-gone")
        if not mailbox.automation and as_it_arrives(job.command.run):
            return DeclinedError("the mailbox was switched off meanwhile", code="mailbox-off")
        return None

    def _behind(self, job: Job) -> bool:
        """Commands of an older evaluator do not say what they were decided with; they wait a moment."""
        if job.command.ruleset_version:
            return job.command.ruleset_version > self._mailboxes.version
        return job.started_at - job.row.accepted_at < self._policy.mailbox_grace

    def _of_rule(self, command: ActionCommand) -> MaildeskError | None:
        """What someone ran by hand needs no rule that is on. Older commands do not tell whether we are behind."""
        if not 0 < command.ruleset_version <= self._rules.version:
            return None
        rule = self._rules.get(command.rule.id)
        if rule is None:
            return DeclinedError("the rule does not exist any more", code="rule-gone")
        if command.trigger != "manual" and not (rule.enabled and rule.mode == "live"):
            return DeclinedError("the rule was switched off meanwhile", code="rule-off")
        return None


def _of_age(job: Job) -> MaildeskError | None:
    expires = job.command.expires_at
    if expires is None or job.started_at <= expires:
        return None
    return DeclinedError(f"its rule lets it wait until {expires:%Y-%m-%d %H:%M:%S} UTC at most", code="expired")
