"""Every recorded case: we predict the route that a real Odoo took."""

import re
from typing import Any

import pytest

from connectors.odoo.client import OdooClient
from connectors.odoo.loading import Patience
from connectors.odoo.routing import Thread, find_records
from connectors.odoo.routing_mail import read_gateway_mail
from connectors.odoo.routing_outcome import Outcome, Prediction, Route
from connectors.odoo.standin import StandIn
from runtime.clock import FakeClock
from tests.contract.odoo.routes.cases import CASES
from tests.contract.odoo.routes.recording import FROZEN, read
from tests.contract.odoo.routes.replay import answered, deviations, differences, furnish
from tests.contract.odoo.routes.worlds import WORLDS
from tests.unit.connectors.odoo.office import Line

MAJORS = sorted(int(path.stem.removeprefix("odoo-")) for path in FROZEN.glob("odoo-*.json"))


@pytest.mark.parametrize("world", WORLDS)
@pytest.mark.parametrize("major", MAJORS)
async def test_we_predict_what_odoo_did(major: int, world: str) -> None:
    recorded = read(major)[world]
    line = Line(StandIn(major=major))
    furnish(line.standin, recorded["rows"])
    odoo = OdooClient(line, clock=FakeClock(), patience=Patience())
    assert await deviations(odoo, world, recorded) == []


def _said(major: int) -> dict[str, dict[str, Any]]:
    return {each["name"]: each for world in read(major).values() for each in world["answers"]}


@pytest.mark.parametrize("major", MAJORS)
def test_the_table_is_whole(major: int) -> None:
    assert sorted(_said(major)) == sorted(case.name for case in CASES)
    assert sum(bool(each["processed"]["routes"]) for each in _said(major).values()) >= 40


def test_odoo_17_was_asked_for_its_routes() -> None:
    outcomes = [answered(each)[0] for each in _said(17).values()]
    assert len(outcomes) >= 60
    assert set(outcomes) == {"filed", "bounced", "report", "duplicate", "loop", "lost"}


def test_a_wrong_prediction_is_seen() -> None:
    said = next(each for each in _said(17).values() if each["name"] == "references")
    elsewhere = Prediction(Outcome.FILED, "", (Route("crm.lead", 1, "references"),))
    assert len(list(differences("references", said, elsewhere))) == 2


ELSEWHERE = {
    "no ids in references": "a References without any id hides In-Reply-To",
    "to a deleted record": "Odoo makes a new record",
    "to a model that takes no mail": "Odoo goes on to aliases",
    "reply to partners alias, unknown sender": "the alias' security bounces it",
    "reply in a followers alias, not following": "the alias' security bounces it",
    "multipart/report that is a reply": "Odoo takes it as a report",
    "allowed: reply with a local alias of a foreign domain": "allowed domains are not looked at",
}
"""Where the quick look for many mails, which facts rest on, sees another record than the gateway, and why."""


async def test_the_quick_look_for_replies_differs_only_where_it_is_known_to() -> None:
    differs: set[str] = set()
    for world, recorded in read(17).items():
        line = Line(StandIn())
        furnish(line.standin, recorded["rows"])
        cases = [case for case in CASES if case.world == world]
        mails = [read_gateway_mail(case.raw) for case in cases]
        threads = [Thread(_ids(mail.references), _ids(mail.in_reply_to), mail.to) for mail in mails]
        found = await find_records(OdooClient(line, clock=FakeClock(), patience=Patience()), threads)
        for case, mail, ours in zip(cases, mails, found, strict=True):
            routes = _said(17)[case.name]["routes"] if mail.answers_by else []
            theirs = next(((model, record) for model, record, _ in routes if record), None)
            differs |= {case.name} if ours != theirs else set()
    assert differs == set(ELSEWHERE)


def _ids(header: str) -> tuple[str, ...]:
    return tuple(re.findall("<[^<>]+>", header))
