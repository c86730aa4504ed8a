"""A rule with a catastrophic pattern, and a mail with a subject of a megabyte: each costs less than 10 ms."""

from functools import partial
from typing import Any

import pytest

from services.evaluator.evaluate import evaluate
from tests.pace import MEGABYTE, assert_costs_at_most
from tests.unit.services.evaluator.making import event, rule, ruleset

SECONDS = 0.01
PATTERNS = (
    r"(a+)+$", r"(a|aa)+$", r"(.*a){20}", r"(a?){30}a{30}", r"^(([a-z])+.)+[A-Z]([a-z])+$", r"(x+x+)+y",
    r"([a-zA-Z]+)*!", r"(\w+\s?)*$", r"(.*)*=(.*)*", r"(é|e)+$", r"(\pL|a)*\d",
)  # fmt: skip
SUBJECTS = {
    "one letter": "a" * MEGABYTE + "!",
    "composed": "é" * MEGABYTE,
    "to be composed": "e\u0301" * (MEGABYTE // 2),
    "grows when folded": "ß" * MEGABYTE,
    "everything": "Ää\u0301ﬁ" * (MEGABYTE // 4),
    "white space": " \t" * (MEGABYTE // 2),
}
WHENS: dict[str, Any] = {
    **{pattern: {"type": "subject", "matches": [pattern]} for pattern in PATTERNS},
    "equals": {"type": "subject", "equals": ["x"]},
    "contains": {"type": "subject", "contains": ["zzz"]},
    "ends": {"type": "subject", "ends": ["zzz"]},
    "header": {"type": "header", "name": "X-Long", "contains": ["zzz"]},
    "excerpt": {"type": "excerpt", "contains": ["zzz"]},
    "domain": {"type": "odoo_domain", "on": "message", "domain": [["subject", "ilike", "z%z%zz"]]},
}


@pytest.mark.parametrize("when", WHENS)
@pytest.mark.parametrize("subject", SUBJECTS)
def test_a_megabyte_costs_milliseconds(subject: str, when: str) -> None:
    text, rules = SUBJECTS[subject], ruleset([rule("r", when=WHENS[when])])
    mail = event(subject=text).model_copy(update={"headers": (("X-Long", text),), "excerpt": text})
    assert_costs_at_most(SECONDS, partial(evaluate, rules, mail))
