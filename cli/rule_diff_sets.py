"""The two rulesets that a file is compared with: what is in force, and what would be after applying it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal, NamedTuple, TypeVar

from runtime.postgres import Row
from schemas.mailbox import Mailbox
from schemas.rule import Rule, RuleChanged
from services.console.store import Proposal
from services.console.stored import readable
from services.evaluator.ruleset import CompiledRule, Ruleset, build_ruleset, compile_rule

Change = Literal["created", "updated", "deleted"]
T = TypeVar("T", Rule, Mailbox)
_SWITCHES = ("automation", "incoming", "after_send")


class Sets(NamedTuple):
    """Both, and what to compare. `mailboxes`: those in which a mail might be treated differently, by id."""

    before: Ruleset
    after: Ruleset
    changes: Mapping[str, Change]
    mailboxes: tuple[str, ...]
    not_compared: Mapping[str, str]
    """Rules that the file changes and no mail is tried with, and why."""
    notes: tuple[str, ...]

    def in_mailboxes(self, mailboxes: Sequence[str]) -> "Sets":
        """To be compared on the mails of these alone."""
        return self._replace(mailboxes=tuple(each for each in self.mailboxes if each in mailboxes))


def sets_of(proposal: Proposal) -> Sets:
    """Compile what is stored and what would be. Rules that stay are compiled once, for both."""
    stored, plan, version = proposal.stored, proposal.plan, proposal.version
    before, lost_rules = _readable(Rule, stored.rules)
    boxes, lost_boxes = _readable(Mailbox, stored.mailboxes)
    old = {rule.id: _compiled(rule, int(stored.rules[rule.id]["revision"]), version) for rule in before.values()}
    new = {each: compiled for each, compiled in old.items() if each not in plan.deleted}
    for rule in plan.rules.saved:
        row = stored.rules.get(rule.id)
        new[rule.id] = _compiled(rule, int(row["revision"]) + 1 if row else 1, version + 1)
    boxes_after = boxes | {each.id: each for each in plan.mailboxes.saved}
    rulesets = (
        build_ruleset(version, _on_all_mail(boxes), old.values()),
        build_ruleset(version + 1, _on_all_mail(boxes_after), new.values()),
    )
    changes = _changes(proposal)
    concerned = {
        each.rule.mailbox for rules in (old, new) for i, each in rules.items() if i in changes and _tried(each)
    }
    concerned |= {box.id for box in plan.mailboxes.updated if _switches(boxes.get(box.id)) != _switches(box)}
    notes = [
        *(
            f"{each} in force cannot be read by this version; it counts as not there"
            for each in lost_rules + lost_boxes
        ),
        *_switched_off(sorted(concerned), boxes_after),
    ]
    return Sets(*rulesets, changes, tuple(sorted(concerned)), dict(_not_compared(changes, old, new)), tuple(notes))


def _readable(model: type[T], rows: Mapping[str, Row]) -> tuple[dict[str, T], list[str]]:
    """What is stored, and the names of what this program cannot read: no evaluator has it in force either."""
    found = {identity: readable(model, row["document"]) for identity, row in rows.items()}
    good = {identity: each for identity, each in found.items() if isinstance(each, model)}
    return good, [f"{model.__name__.lower()} {identity}" for identity in found if identity not in good]


def _on_all_mail(boxes: Mapping[str, Mailbox]) -> list[Mailbox]:
    """With their archives: what rules would make of older mail is what a comparison is asked for."""
    return [box.model_copy(update={"actions_since": None}) for box in boxes.values()]


def _compiled(rule: Rule, revision: int, version: int) -> CompiledRule:
    return compile_rule(RuleChanged(version=version, revision=revision, rule=rule))


def _changes(proposal: Proposal) -> dict[str, Change]:
    plan = proposal.plan
    return {
        **{rule.id: "created" for rule in plan.rules.created},
        **{rule.id: "updated" for rule in plan.rules.updated},
        **dict.fromkeys(plan.deleted, "deleted"),
    }


def _tried(compiled: CompiledRule) -> bool:
    return compiled.rule.enabled and compiled.rule.trigger != "manual"


def _switches(box: Mailbox | None) -> tuple[bool, ...]:
    return tuple(getattr(box, name) for name in _SWITCHES) if box else ()


def _not_compared(
    changes: Iterable[str], old: Mapping[str, CompiledRule], new: Mapping[str, CompiledRule]
) -> Iterator[tuple[str, str]]:
    for identity in changes:
        versions = [rules[identity] for rules in (old, new) if identity in rules]
        if any(map(_tried, versions)):
            continue
        manual = any(each.rule.enabled and each.rule.trigger == "manual" for each in versions)
        yield identity, "it is run by hand" if manual else "it is disabled"


def _switched_off(concerned: Sequence[str], boxes: Mapping[str, Mailbox]) -> Iterator[str]:
    for identity in concerned:
        switches = _switches(boxes.get(identity))
        if off := [name for name, on in zip(_SWITCHES, switches, strict=False) if not on]:
            yield f"mailbox {identity} has {' and '.join(off)} switched off: no rule acts on that mail"
