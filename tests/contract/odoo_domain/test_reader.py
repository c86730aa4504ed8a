"""Snapshots as ingest reads them, over JSON-RPC: our answers on them are Odoo's own. Needs a real Odoo."""

import os
from collections.abc import Sequence
from random import Random, SystemRandom
from typing import Any

import pytest

from connectors.odoo.client import open_odoo
from connectors.odoo.port import Odoo, OdooAccount
from connectors.odoo.snapshots import read_snapshots
from schemas.condition import AllOf, OdooDomainIs
from schemas.domain import Terms, parse
from schemas.needs import Need, needs_of
from services.evaluator.odoo_domain.evaluate import compile_domain
from services.evaluator.odoo_domain.undecidable import Undecidable
from tests.contract.odoo_domain.ask import known
from tests.contract.odoo_domain.client import SETTINGS, RealOdoo, connect
from tests.contract.odoo_domain.generate import Generator
from tests.contract.odoo_domain.world import TREES, World, world

HIDING = ("ir.ui.menu",)
"""Models whose searches leave out what may be read; what was not found is undecidable."""
TOGETHER = 20
"""Domains whose needs are read together."""
needs_odoo = pytest.mark.skipif(
    not all(os.environ.get(name) for name in SETTINGS), reason=f"needs {', '.join(SETTINGS)}"
)


def need_of(model: str, domains: Sequence[Terms]) -> Need:
    """What ingest is told to read for a rule with these domains."""
    asked = [
        OdooDomainIs.model_validate({"type": "odoo_domain", "on": "record", "model": model, "domain": list(d)})
        for d in domains
    ]
    (need,) = needs_of(AllOf(all=tuple(asked)))
    return need


def readable(raw: list[Any]) -> Terms | None:
    """The domain, unless a rule may not have it, or it compares a moment whose fraction JSON-RPC cuts off."""
    try:
        return None if "create_date" in str(raw) else parse(raw)
    except ValueError:
        return None


@needs_odoo
async def test_what_ingest_reads_gives_odoos_answers() -> None:
    seed = int(os.environ.get("ODOO_DOMAIN_SEED", SystemRandom().randrange(2**32)))
    account = OdooAccount(*(os.environ[name] for name in SETTINGS))
    odoo, reader = connect(), open_odoo(account)
    assert odoo is not None
    different, answers = [], 0
    try:
        with odoo.session(), world(odoo) as made:
            for model in TREES:
                found, many = await compare(odoo, reader, made, model, Random(seed))
                different += found
                answers += many
    finally:
        await reader.close()
    assert answers >= 500
    assert different == [], f"ODOO_DOMAIN_SEED={seed} makes these again"


async def compare(odoo: RealOdoo, reader: Odoo, made: World, model: str, chooser: Random) -> tuple[list[str], int]:
    """The deviations on one model, and how many answers were compared."""
    ids = sorted(made.ids.get(model) or odoo(model, "search", [], limit=12))
    generator = Generator(known(odoo, made), chooser.randrange(2**32))
    raw = [domain for domain in generator.each_kind(model) if chooser.random() < 0.05]
    raw += generator.random(model, 60)
    domains = [(one, terms) for one in raw if (terms := readable(one)) is not None]
    different, answers = [], 0
    for start in range(0, len(domains), TOGETHER):
        batch = domains[start : start + TOGETHER]
        found = await read_snapshots(reader, need_of(model, [terms for _, terms in batch]), ids)
        said = odoo.ask(model, [(one, ids) for one, _ in batch])
        for (one, terms), theirs in zip(batch, said, strict=True):
            evaluate = compile_domain(terms)
            for ident, answer in zip(ids, theirs, strict=True):
                ours = evaluate(found.records[ident])
                answers += 1
                if isinstance(ours, Undecidable) and model in HIDING and ours.reason.startswith("the event carries no"):
                    continue
                if not (isinstance(answer, str) if isinstance(ours, Undecidable) else ours is answer):
                    different.append(f"{one} on {model} {ident}: {ours}, Odoo: {answer}")
    return different, answers
