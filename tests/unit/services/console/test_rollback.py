"""Which revisions a rule may go back to, and what else a plan of one rule refuses."""

from datetime import UTC, datetime

import pytest

from runtime.errors import InvalidInputError
from services.console.differences import Difference, differences
from services.console.plan import Stored, make_plan, plan_rule
from services.console.rollback import earlier
from services.console.stored import RuleRevision, Unreadable
from tests.unit.services.console.test_plan import mailbox, rule, stored


def revision(number: int, *, deleted: bool = False, unreadable: Unreadable | None = None) -> RuleRevision:
    content = unreadable or rule("r", order=number)
    return RuleRevision(content, "me", number, number, "anna", datetime(2026, 1, number, tzinfo=UTC), deleted)


HISTORY = [revision(1), revision(2, deleted=True), revision(3), revision(4, unreadable={"id": "r", "gone": 1})]


def test_an_earlier_text_is_found() -> None:
    assert earlier("r", HISTORY, 1) == rule("r", order=1)


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (9, "rule r has no revision 9; choose one of 1, 3"),
        (2, "revision 2 of rule r is its deletion; choose one of 1, 3; to delete a rule, take it out of its file"),
        (4, "revision 4 of rule r has fields that are not known any more; choose one of 1, 3"),
    ],
)
def test_what_cannot_come_back_is_refused_with_a_choice(number: int, said: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        earlier("r", HISTORY, number)
    assert caught.value.text == said


def test_a_rule_that_never_was() -> None:
    with pytest.raises(InvalidInputError, match="there is no rule r and never was one"):
        earlier("r", [], 1)


def test_a_plan_of_one_rule_leaves_the_owners_other_rules() -> None:
    plan = plan_rule(stored([rule("r"), rule("other")]), rule("r", order=1))
    assert ([each.id for each in plan.rules.updated], plan.deleted, plan.mailboxes.saved) == (["r"], (), ())
    assert plan_rule(stored([rule("r")]), rule("r")).empty
    with pytest.raises(InvalidInputError, match="names the mailbox support, which is not known"):
        plan_rule(Stored({}, {}), rule("r"))


def test_differences_hold_what_was_and_what_will_be() -> None:
    before = stored([rule("changes"), rule("goes"), rule("stays")])
    given = [rule("new"), rule("changes", order=1), rule("stays")]
    plan = make_plan(before, given, [mailbox(automation=False)], "me")
    assert differences(before, plan) == (
        Difference("mailbox/support", mailbox(), mailbox(automation=False)),
        Difference("rule/new", None, rule("new")),
        Difference("rule/changes", rule("changes"), rule("changes", order=1)),
        Difference("rule/goes", rule("goes"), None),
    )
