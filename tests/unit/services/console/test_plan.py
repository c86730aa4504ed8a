"""What applying a set would change, without a database."""

from collections.abc import Sequence
from typing import Any

import pytest

from runtime.errors import InvalidInputError
from runtime.postgres import Row
from schemas.mailbox import Mailbox
from schemas.rule import Rule
from services.console.plan import Stored, check_new, make_plan


def rule(identity: str, **fields: Any) -> Rule:
    return Rule.model_validate(
        {"id": identity, "mailbox": "support", "actions": [{"id": "a", "type": "star"}], **fields}
    )


def mailbox(identity: str = "support", **fields: Any) -> Mailbox:
    return Mailbox.model_validate({"id": identity, "source": {"kind": "eml", "path": "/m"}, **fields})


def stored(rules: Sequence[Rule], mailboxes: Sequence[Mailbox] = (mailbox(),), owner: str = "me") -> Stored:
    boxes: dict[str, Row] = {each.id: {"document": each.model_dump_json(), "revision": 1} for each in mailboxes}
    return Stored(boxes, {each.id: {"document": each.model_dump_json(), "owner": owner} for each in rules})


def test_created_updated_deleted_unchanged() -> None:
    before = stored([rule("same"), rule("changes"), rule("goes")])
    plan = make_plan(before, [rule("same"), rule("changes", order=1), rule("new")], [mailbox(), mailbox("sales")], "me")
    assert [each.id for each in plan.rules.created] == ["new"]
    assert [each.id for each in plan.rules.updated] == ["changes"]
    assert [each.id for each in plan.rules.unchanged] == ["same"]
    assert plan.deleted == ("goes",)
    assert [each.id for each in plan.mailboxes.saved] == ["sales"]
    assert not plan.empty


def test_the_same_set_again_is_empty() -> None:
    assert make_plan(stored([rule("r")]), [rule("r")], [mailbox()], "me").empty


def test_rules_of_others_stay_and_no_rules_given_leaves_all_alone() -> None:
    assert make_plan(stored([rule("r")], owner="other"), [], [], "me").empty
    assert make_plan(stored([rule("r")]), None, [mailbox()], "me").empty


def test_what_cannot_be_read_any_more_counts_as_different() -> None:
    before = stored([rule("r")])
    broken = Stored(before.mailboxes, {"r": {"document": '{"id": "r"}', "owner": "me"}})
    assert [each.id for each in make_plan(broken, [rule("r")], [], "me").rules.updated] == ["r"]


def test_every_problem_is_named() -> None:
    before = stored([rule("taken")], owner="other.yaml")
    given = [rule("taken"), rule("lost", mailbox="suport"), rule("twice"), rule("twice")]
    with pytest.raises(InvalidInputError) as caught:
        make_plan(before, given, [mailbox("sales")], "me")
    assert caught.value.text.splitlines() == [
        "rule twice is given 2 times; ids must be unique",
        "rule taken belongs to other.yaml, not to me; choose another id, or apply it as that owner (--owner)",
        "rule lost names the mailbox suport, which is not known; known: sales, support",
    ]


def test_without_any_mailbox_the_remedy_is_named() -> None:
    with pytest.raises(InvalidInputError, match="maildesk mailboxes apply FILE"):
        make_plan(Stored({}, {}), [rule("r")], [], "me")


def test_rules_that_must_be_new_are_refused_with_whose_they_are() -> None:
    before = stored([rule("r"), rule("s")], owner="other.yaml")
    with pytest.raises(InvalidInputError) as caught:
        check_new(before, [rule("r"), rule("new"), rule("s")], "me")
    assert caught.value.text.splitlines() == [
        "rule r is there already, of the owner other.yaml; choose another id",
        "rule s is there already, of the owner other.yaml; choose another id",
    ]
    with pytest.raises(InvalidInputError, match=r"^the owner other\.yaml has rules already: r, s; choose another id$"):
        check_new(before, [rule("new")], "other.yaml")
    check_new(before, [rule("new")], "me")
