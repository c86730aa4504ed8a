"""What conditions put into decisions is English for ever, byte for byte, whatever previews say."""

from typing import Any

import pytest

from services.evaluator.conditions.registry import compile_condition
from services.evaluator.facts import Facts
from tests.unit.services.evaluator.making import condition, event

OFFICE = {"days": ["mon", "tue"], "from": "09:00", "to": "17:30", "time_zone": "Europe/Berlin"}


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"type": "sender", "equals": ["a"]}, "is “a”"),
        ({"type": "sender", "contains": ["a", "b", "c"]}, "contains “a”, “b” or “c”"),
        ({"type": "subject", "starts": ["a"]}, "starts with “a”"),
        ({"type": "excerpt", "ends": ["a"]}, "ends with “a”"),
        ({"type": "subject", "matches": ["a+"]}, "matches the pattern “a+”"),
        ({"type": "sender_domain", "equals": ["a.example"], "subdomains": True}, "is “a.example” or a subdomain"),
        ({"type": "recipient", "in": "cc", "equals": ["a"]}, "a recipient in Cc is “a”"),
        ({"type": "header", "name": "List-Id", "present": False}, "List-Id is absent"),
        ({"type": "header", "name": "List-Id", "contains": ["a"]}, "List-Id contains “a”"),
        (
            {"type": "attachments", "present": True, "name": {"ends": [".pdf"]}, "larger_than": 2000},
            "at least one, its name ends with “.pdf”, it is larger than 2,000 bytes",
        ),
        ({"type": "reply_state", "equals": "unanswered"}, "is unanswered"),
        ({"type": "date", "on_or_after": "2026-12-01"}, "on or after 2026-12-01 (UTC)"),
        (
            {"type": "business_hours", **OFFICE, "closed": ["2026-12-25"]},
            "inside Monday and Tuesday, 09:00 to 17:30, closed on 2026-12-25 (Europe/Berlin)",
        ),
        ({"type": "odoo_domain", "on": "message", "domain": [["id", "=", 1]]}, "the mail is in [['id', '=', 1]]"),
    ],
)
def test_expected(asked: dict[str, Any], expected: str) -> None:
    (finding,) = compile_condition(condition(asked)).findings(Facts(event()))
    assert finding.expected == expected
