"""What Odoo answered, kept as files, one for each version of Odoo."""

import json
from pathlib import Path
from typing import Any

from connectors.odoo.port import Odoo
from tests.contract.odoo.routes.ask import asking
from tests.contract.odoo.routes.cases import CASES
from tests.contract.odoo.routes.worlds import WORLDS

FROZEN = Path(__file__).parent / "frozen"

Recording = dict[str, dict[str, Any]]
"""By the name of the world: `answers`, `rows`, `ids`, `at` and `major`."""


async def record(odoo: Odoo) -> Recording:
    """Ask a real Odoo the whole table."""
    major = (await odoo.version()).major
    found: Recording = {}
    async with asking(odoo) as asked:
        for name, world in WORLDS.items():
            cases = [case.asked for case in CASES if case.world == name]
            found[name] = {"major": major, **await asked.ask({**world, "cases": cases})}
    return found


def write(recording: Recording) -> Path:
    """Keep it as this version's."""
    major = next(iter(recording.values()))["major"]
    path = FROZEN / f"odoo-{major}.json"
    lines = [f"{json.dumps(name)}: {_world(world)}" for name, world in recording.items()]
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
    return path


def _world(world: dict[str, Any]) -> str:
    answers = ",\n".join(json.dumps(each, sort_keys=True) for each in world["answers"])
    rows = ",\n".join(
        f"{json.dumps(name)}: {json.dumps(found, sort_keys=True)}" for name, found in world["rows"].items()
    )
    rest = json.dumps({key: world[key] for key in ("major", "at", "ids")})[1:-1]
    return f'{{{rest},\n"answers": [\n{answers}\n],\n"rows": {{\n{rows}\n}}}}'


def read(major: int) -> Recording:
    """What was kept of this version."""
    found: Recording = json.loads((FROZEN / f"odoo-{major}.json").read_text(encoding="utf-8"))
    return found
