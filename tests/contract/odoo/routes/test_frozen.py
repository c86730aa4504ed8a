"""Every recorded case: we predict the route that a real Odoo took."""

from typing import Any

import pytest

from connectors.odoo.client import OdooClient
from connectors.odoo.loading import Patience
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
