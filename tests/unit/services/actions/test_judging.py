"""How long a command waits after an answer that did not come."""

import pytest

from runtime.errors import MaildeskError, OutcomeUnknownError, TransientError
from schemas.result import Produced
from services.actions.effects.port import UnansweredError, may_still_run
from services.actions.judging import meaning_of
from services.actions.policy import Policy
from services.actions.states import Event
from tests.unit.services.actions.fakes import job


@pytest.mark.parametrize(
    ("answer", "shortest"),
    [(OutcomeUnknownError("?"), 0.0), (UnansweredError("?"), 300.0), (TransientError("busy"), 0.0)],
)
def test_what_the_other_side_may_still_do_is_awaited_for_a_lease(answer: MaildeskError, shortest: float) -> None:
    meaning = meaning_of(job(), answer, Policy(), 0.0)
    assert meaning.event is Event.TRANSIENT
    assert shortest <= meaning.wait <= max(shortest, 3.0)


def test_only_an_unknown_outcome_may_still_be_at_work() -> None:
    others: list[Produced | MaildeskError] = [Produced(text="done"), TransientError("busy", code="odoo-busy")]
    assert [may_still_run(each) for each in others] == others
    turned = may_still_run(OutcomeUnknownError("broke", code="odoo-outcome-unknown"))
    assert isinstance(turned, UnansweredError)
    assert (turned.text, turned.code) == ("broke", "odoo-outcome-unknown")
