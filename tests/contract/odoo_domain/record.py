"""Records the frozen cases anew: `python -m tests.contract.odoo_domain.record`, with the four ODOO_ settings."""

import sys

from tests.contract.odoo_domain.ask import ask
from tests.contract.odoo_domain.client import SETTINGS, connect
from tests.contract.odoo_domain.frozen import deviations, write
from tests.contract.odoo_domain.world import world

SEED = 17
SYSTEMATIC = 0.45
RANDOM = 420
RECORDS = 2
SHAPES = ("mail.message", "ir.attachment")
"""Whose fields the virtual message claims to have."""


def main() -> None:
    """Asks, writes, and says where we differ."""
    odoo = connect()
    if odoo is None:
        sys.exit(f"set {', '.join(SETTINGS)}")
    with odoo.session(), world(odoo) as made:
        shapes = {model: odoo.shape(model) for model in SHAPES}
        recording = ask(odoo, made, seed=SEED, shares=(SYSTEMATIC, RANDOM), records=RECORDS)
    write(recording, shapes)
    cases = sum(len(one.answers) for one in recording.asked)
    raised = sum(isinstance(said, str) for one in recording.asked for said in one.answers.values())
    different = deviations(recording, recording.asked)
    lines = [f"{cases} cases, {raised} of them errors, {len(different)} deviations", *different[:60]]
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
