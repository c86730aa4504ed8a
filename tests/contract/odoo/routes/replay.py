"""What we predict in an Odoo that holds the records of a recording, beside what that Odoo answered."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from connectors.odoo.port import Odoo
from connectors.odoo.routing_book import read_routing_book
from connectors.odoo.routing_mail import read_gateway_mail
from connectors.odoo.routing_outcome import Outcome, Prediction
from connectors.odoo.routing_prediction import Gateway
from connectors.odoo.standin import StandIn
from tests.contract.odoo.routes.cases import CASES

Answer = tuple[str, tuple[tuple[str, int, str], ...]]
"""What became of a mail, and model, record (0: a new one) and alias of each route."""


def furnish(standin: StandIn, rows: dict[str, list[dict[str, Any]]]) -> None:
    """Give a stand-in exactly these records, in the models that they are of."""
    with standin.store.transaction():
        for model, records in rows.items():
            for known in list(standin.store.tables[model]):
                standin.store.put(model, known, None)
            for record in records:
                standin.store.put(model, record["id"], {"active": True} | record)


def answered(said: dict[str, Any]) -> Answer:
    """What Odoo said."""
    outcome = next((name for name, _ in _OUTCOMES if _happened(said, name)), Outcome.FILED)
    kept = outcome is Outcome.FILED
    return outcome.value, tuple((model, record, alias) for model, record, alias in said["routes"]) if kept else ()


_OUTCOMES = (
    (Outcome.DUPLICATE, "duplicate"),
    (Outcome.LOOP, "loop"),
    (Outcome.REPORT, "report"),
    (Outcome.LOST, "lost"),
    (Outcome.BOUNCED, ""),
)


def _happened(said: dict[str, Any], outcome: Outcome) -> bool:
    if outcome is Outcome.LOOP:
        return bool(said["loop"] or said["too_many"])
    if outcome is Outcome.BOUNCED:
        return bool(said["bounced"] and not said["routes"])
    return bool(said[dict(_OUTCOMES)[outcome]])


def predicted(found: Prediction) -> Answer:
    """What we say, in the same words."""
    routes = ((each.model, each.record or 0, each.alias) for each in found.routes)
    return found.outcome.value, tuple(routes) if found.outcome is Outcome.FILED else ()


async def deviations(odoo: Odoo, world: str, recorded: dict[str, Any]) -> list[str]:
    """The cases in which we say something else, in words."""
    said = {each["name"]: each for each in recorded["answers"]}
    book = await read_routing_book(odoo)
    found: list[str] = []
    for case in (each for each in CASES if each.world == world):
        gateway = Gateway(odoo, book, datetime.fromisoformat(recorded["at"]), case.fallback)
        ours = await gateway.predict(read_gateway_mail(case.raw))
        found += differences(case.name, said[case.name], ours)
    return found


def differences(name: str, said: dict[str, Any], ours: Prediction) -> Iterator[str]:
    """What Odoo said and did that we did not predict."""
    filed = sorted((each.model, each.record or 0) for each in ours.routes) if ours.outcome is Outcome.FILED else []
    done = sorted((model, record) for model, record in said["processed"]["routes"])
    lost = said["processed"]["lost"]
    if filed != done or (ours.outcome is Outcome.LOST) != bool(lost):
        yield f"{name}: the mail went to {done or lost or 'nobody'}, we {filed}: {ours.reason}"
    if "routes" not in said:
        return
    if predicted(ours) != answered(said):
        yield f"{name}: Odoo {answered(said)} ({said['lost']}), we {predicted(ours)}: {ours.reason}"
    reply = ours.outcome is Outcome.FILED and ours.routes[0].by in ("references", "in-reply-to")
    if reply and ours.note != said["note"]:
        yield f"{name}: Odoo posts a note: {said['note']}, we say {ours.note}"
