"""Many rules on one mailbox, in one process and without Kafka: what they cost per event, to compile, and in memory.

One mail in a hundred matches a rule. `rules.loop` decodes an event, evaluates it and encodes all that follows from it;
`rules.share` compares that with the same loop on a mailbox without rules, `rules.mixed` does it with rules on
recipients, headers, the excerpt and attachments.
"""

import gc
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import psutil

from bench.corpus import MAILBOX, events, mailbox
from bench.harness import Result, alternating, collecting_as_a_service, rate
from schemas.mail import MailArrived
from schemas.rule import Rule, RuleChanged
from schemas.topics import MAIL_ARRIVED
from services.evaluator.decoding import DECODERS
from services.evaluator.evaluate import Evaluation, evaluate
from services.evaluator.ruleset import Ruleset, build_ruleset, compile_rule
from services.evaluator.together import TOGETHER, together

EVENTS = 3_000
ROUNDS = 7
FEW, MANY, MOST = 100, 1_000, 10_000
MEGABYTE = 1_000_000
COMPILE_SECONDS = 3.0
MEGABYTES_PER_THOUSAND = 10.0
When = Callable[[int], dict[str, Any]]
_decoded = DECODERS[MAIL_ARRIVED.name]


def run() -> list[Result]:
    """All of them; rates are medians of rounds that alternate."""
    megabytes, seconds, most = _compiled()
    sets = {FEW: _ruleset(_records(FEW)), MANY: _ruleset(_records(MANY)), MOST: most}
    mixed = _ruleset(_records(MANY, _when_elsewhere))
    mail = list(events(EVENTS))
    values = [event.to_json() for event in mail]
    portions = _portions(values)
    loops = {"without": _ruleset([]), "loop": sets[MANY], "mixed": mixed}
    with collecting_as_a_service():
        found = alternating(
            ROUNDS,
            {
                "bare": partial(rate, values, _bare),
                **{name: partial(_rate, portions, partial(_loop, rules)) for name, rules in loops.items()},
                "few": partial(rate, mail, partial(evaluate, sets[FEW])),
                "most": partial(rate, mail, partial(evaluate, sets[MOST])),
            },
        )
    return [
        Result("rules.loop", "events/s", found["loop"], "decode and encode alone", found["bare"]),
        Result("rules.share", "events/s", found["loop"], "the same loop without rules", found["without"]),
        Result("rules.mixed", "events/s", found["mixed"], "decode and encode alone", found["bare"]),
        Result("rules.growth", "us", 1e6 / found["most"], f"the same with {FEW} rules", 1e6 / found["few"]),
        Result("rules.compile", "s", seconds, f"the aim for {MOST:,} rules", COMPILE_SECONDS),
        Result("rules.memory", "MB", megabytes / MOST * 1_000, "the aim for 1,000 rules", MEGABYTES_PER_THOUSAND),
    ]


def _compiled() -> tuple[float, float, Ruleset]:
    """Megabytes that the most rules take, the seconds until they are in force, and they themselves."""
    process, records = psutil.Process(), _records(MOST)
    gc.collect()
    before, began = process.memory_info().rss, time.perf_counter()
    ruleset = _ruleset(records)
    seconds = time.perf_counter() - began
    return (process.memory_info().rss - before) / MEGABYTE, seconds, ruleset


def _ruleset(records: Sequence[bytes]) -> Ruleset:
    """As the service does it: from the records of the topic."""
    compiled = [compile_rule(RuleChanged.model_validate_json(record)) for record in records]
    return build_ruleset(1, [mailbox()], compiled)


def _records(count: int, when: When | None = None) -> list[bytes]:
    rules = (Rule.model_validate({"mailbox": MAILBOX, **fields}) for fields in _fields(count, when or _when))
    return [RuleChanged(version=1, revision=1, rule=rule).to_json() for rule in rules]


def _fields(count: int, when: When) -> Iterator[dict[str, Any]]:
    star = [{"id": "star", "type": "star"}]
    for number in range(count - 1):
        yield {"id": f"rule-{number}", "order": number, "when": when(number), "actions": star}
    # The events' subjects end in a number below a million: one in a hundred ends like this.
    yield {"id": "last", "order": count, "when": {"type": "subject", "ends": ["47"]}, "actions": star}


def _when(number: int) -> dict[str, Any]:
    """Four kinds, as people write them; none matches what `events` makes."""
    kind = number % 4
    if kind == 0:
        domains = [f"partner-{number}-{each}.example" for each in range(3)]
        return {"type": "sender_domain", "equals": domains, "subdomains": number % 8 == 0}
    if kind == 1:
        words = {"type": "subject", "contains": [f"project {number} ", f"ref-{number}/"]}
        return {"all": [words, {"type": "reply_state", "equals": "personal"}]}
    if kind == 2:
        sender = {"type": "sender", "equals": [f"boss-{number}@partner.example"]}
        return {"any": [sender, {"type": "subject", "starts": [f"[{number}]"]}]}
    return {"type": "subject", "ends": [f"order form {number}"]}


def _when_elsewhere(number: int) -> dict[str, Any]:
    """Four kinds that look beyond sender and subject; none matches either."""
    kind = number % 4
    if kind == 0:
        return {"type": "recipient", "in": "any", "contains": [f"team-{number}@", f"desk-{number}@"]}
    if kind == 1:
        return {"type": "header", "name": "List-Id" if number % 8 == 1 else "Received", "contains": [f"list-{number}."]}
    if kind == 2:
        return {"type": "excerpt", "contains": [f"contract number {number} ", f"customer {number}:"]}
    named = {"type": "attachments", "present": True, "name": {"ends": [f"-{number}.xml"]}}
    return {"all": [named, {"type": "excerpt", "starts": [f"form {number}"]}]}


def _rate(portions: Sequence[Sequence[bytes]], loop: Callable[[Sequence[bytes]], object]) -> float:
    """Events a second."""
    return rate(portions, loop) * EVENTS / len(portions)


def _bare(value: bytes) -> bytes:
    return MailArrived.model_validate_json(value).to_json()


def _loop(ruleset: Ruleset, values: Sequence[bytes]) -> list[list[bytes]]:
    """As the service's handler does it."""
    return together(values, _decoded, partial(evaluate, ruleset), _encoded)


def _encoded(found: Evaluation) -> list[bytes]:
    return [found.draft.to_json(), *[command.to_json() for command in found.commands]]


def _portions(values: Sequence[bytes]) -> list[Sequence[bytes]]:
    return [values[first : first + TOGETHER] for first in range(0, len(values), TOGETHER)]
