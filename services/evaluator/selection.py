"""Which rules are tried on an event, or why none is."""

from typing import Literal

from services.evaluator.attempt import Attempt
from services.evaluator.ruleset import ActiveRules, CompiledRule, MailboxRules, Ruleset

Nothing = Literal["no_rules", "mailbox_off", "mailbox_unknown", "rule_unknown", "archived"]


def select(ruleset: Ruleset, attempt: Attempt) -> ActiveRules | CompiledRule | Nothing:
    """The active rules, never empty; or the one that was asked for."""
    box = ruleset.mailboxes.get(attempt.event.mailbox)
    if box is None:
        return "mailbox_unknown"
    if not switched_on(box, attempt):
        return "mailbox_off"
    if is_archived(box, attempt):
        return "archived"
    if attempt.rule is not None:
        wanted = box.by_id.get(attempt.rule)
        if wanted and attempt.backlog and not (wanted.rule.enabled and wanted.rule.trigger == attempt.trigger):
            return "no_rules"
        return wanted or "rule_unknown"
    return box.active[attempt.trigger] or "no_rules"


def switched_on(box: MailboxRules, attempt: Attempt) -> bool:
    """A dry run of one rule is allowed on a mailbox that is off: it touches nothing."""
    if attempt.rule is not None and attempt.dry_run:
        return True
    direction = box.mailbox.incoming if attempt.event.direction == "incoming" else box.mailbox.after_send
    return box.mailbox.automation and direction


def is_archived(box: MailboxRules, attempt: Attempt) -> bool:
    """Whether the mail is older than what rules act on by themselves; who asks for one rule means old mail too."""
    since = box.mailbox.acts_since
    return since is not None and attempt.rule is None and attempt.event.received_at < since
