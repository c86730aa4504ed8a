"""What the frozen decisions were made of: rules and mails that use everything that decides.

`python -m tests.unit.services.evaluator.cases NAME` freezes a new case. One that is frozen is never made again.
"""

import json
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from schemas.evaluation import EvaluationRequested
from schemas.facts import OdooFacts
from schemas.mail import MailArrived, MailSent
from schemas.mailbox import Mailbox
from schemas.needs import needs_of
from schemas.rule import MailboxChanged, Rule, RuleChanged, RulesetPublished
from tests.unit.services.evaluator.making import NOON, event, mailbox, request, rule, sent
from tests.unit.services.evaluator.test_domain_condition import AUTHOR, GERMAN, LEAD, lead, partner

FROZEN = Path(__file__).parent / "frozen"
Input = MailArrived | MailSent | EvaluationRequested
Case = tuple[list[Rule], list[Mailbox], Input]

_MOVE = {"id": "mv", "type": "move_folder", "folder": "Archive"}
_TAG = {"id": "tag", "type": "tag", "add": ["größe"]}
_WINDOW = {"days": ["sat", "sun"], "time_zone": "Europe/Berlin"}
_SUBJECT = {"type": "subject", "contains": ["rechnung", "invoice"]}
_NEVER = {"type": "subject", "matches": [r"^\d{9}$"]}
_RULES = [
    rule("never", order=1, when={"all": [_SUBJECT, _NEVER]}, stop_processing=True),
    rule("first", order=2, when={"any": [_NEVER, _SUBJECT]}, actions=[_TAG, _MOVE], on_error="continue"),
    rule("second", order=3, actions=[{**_TAG, "window": _WINDOW}, {**_MOVE, "scope": "thread"}]),
    rule("watched", order=4, mode="shadow", when={"type": "sender_domain", "equals": ["example.com"]}),
    rule("last", order=5, when={"none": [_NEVER]}, stop_processing=True, actions=[{"id": "s", "type": "star"}]),
    rule("untried", order=6),
    rule("off", order=7, enabled=False),
    rule("answered", trigger="after_send", actions=[_TAG]),
]
_DOMAINS = [
    rule("before", order=1),
    rule("german", order=2, when={"any": [GERMAN, _NEVER]}),
    rule("author", order=3, when=AUTHOR),
    rule("lead", order=4, when={"none": [LEAD]}),
]
_UNICODE = "Überweisung — Rechnung “№ 1” \N{PILE OF POO}\u0000\u202e"


def _mail(**odoo: Any) -> MailArrived:
    return event().model_copy(update={"odoo": OdooFacts(read_at=NOON, **odoo)})


CASES: dict[str, Callable[[], Case]] = {
    "everything": lambda: (_RULES, [mailbox()], event()),
    "unicode": lambda: (_RULES, [mailbox()], event(subject=_UNICODE, sender="Zoë@xn--mnchen-3ya.example")),
    "no-sender": lambda: (_RULES, [mailbox()], event(sender=None, subject="", attachments=2)),
    "sent": lambda: (_RULES, [mailbox()], sent(received_at=NOON + timedelta(microseconds=1))),
    "manual": lambda: (_RULES, [mailbox()], request(event(), rule="off", requested_by="anna")),
    "dry-forced": lambda: (_RULES, [mailbox()], request(event(), rule="watched", dry_run=True, force=True)),
    "rule-unknown": lambda: (_RULES, [mailbox()], request(event(), rule="gone")),
    "no-match": lambda: (_RULES[:1], [mailbox()], event()),
    "no-rules": lambda: ([], [mailbox()], event()),
    "mailbox-off": lambda: (_RULES, [mailbox(automation=False)], event()),
    "archived": lambda: (_RULES, [mailbox(actions_since=NOON + timedelta(seconds=1))], event()),
    "archived-on-purpose": lambda: (
        _RULES,
        [mailbox(actions_since=NOON + timedelta(seconds=1))],
        request(event(), run="backlog-first-r1", rule="first", backlog=True),
    ),
    "mailbox-unknown": lambda: (_RULES, [mailbox("other")], event()),
    "domains": lambda: (_DOMAINS, [mailbox()], _mail(partner=partner("DE"), record=lead("3", ident=0))),
    "undecidable": lambda: (_DOMAINS, [mailbox()], event()),
    "deferred": lambda: (_DOMAINS, [mailbox()], _mail(missing=("partner", "record"))),
    "waits": lambda: (_DOMAINS[1:], [mailbox()], _mail(missing=("partner",))),
    "by-hand-no-match": lambda: (_RULES, [mailbox()], request(event(), rule="never")),
    "facts-came": lambda: (
        _DOMAINS,
        [mailbox()],
        request(_mail(partner=partner("DE"), record=lead("3")), run="facts-7", deferred=("partner", "record")),
    ),
    "backlog": lambda: (_RULES, [mailbox()], request(event(), run="backlog-first-1", rule="first", backlog=True)),
}


def rules_records(rules: list[Rule], boxes: list[Mailbox]) -> list[tuple[str, str, str]]:
    """Type, key and value of what `automation-rules` holds."""
    records = [
        *(MailboxChanged(version=3, mailbox=each) for each in boxes),
        *(RuleChanged(version=3, revision=2, rule=each, needs=needs_of(each.when)) for each in rules),
        RulesetPublished(version=3),
    ]
    return [(each.ce_type, each.record_key, each.to_json().decode()) for each in records]


def freeze(name: str) -> None:
    """Write a case with what comes of it now. Raises FileExistsError for one that is frozen."""
    from tests.unit.services.evaluator.test_frozen import replayed

    rules, boxes, found = CASES[name]()
    case: dict[str, Any] = {
        "rules": rules_records(rules, boxes),
        "type": found.ce_type,
        "value": found.to_json().decode(),
    }
    case |= replayed(case)
    with (FROZEN / f"{name}.json").open("x", encoding="utf-8") as file:
        file.write(json.dumps(case, indent=1, ensure_ascii=True) + "\n")


if __name__ == "__main__":
    for each in sys.argv[1:]:
        freeze(each)
