"""Fresh random cases against the Odoo that ODOO_URL names; not collected as a failure where there is none."""

import os
from random import SystemRandom

import pytest

from tests.contract.odoo_domain.ask import ask
from tests.contract.odoo_domain.client import SETTINGS, connect
from tests.contract.odoo_domain.frozen import deviations
from tests.contract.odoo_domain.world import world


@pytest.mark.skipif(not all(os.environ.get(name) for name in SETTINGS), reason=f"needs {', '.join(SETTINGS)}")
def test_we_answer_as_odoo_does_now() -> None:
    seed = int(os.environ.get("ODOO_DOMAIN_SEED", SystemRandom().randrange(2**32)))
    odoo = connect()
    assert odoo is not None
    with odoo.session(), world(odoo) as made:
        recording = ask(odoo, made, seed=seed, shares=(0.05, 60), records=2)
    assert sum(len(one.answers) for one in recording.asked) >= 500
    assert deviations(recording, recording.asked) == [], f"ODOO_DOMAIN_SEED={seed} makes these again"
