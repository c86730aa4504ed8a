"""What a real Odoo 17 answered, for ever: every recorded case, in blocks whose names count them."""

import pytest

from tests.contract.odoo_domain.frozen import deviations, read

BLOCK = 250


def _blocks() -> list[tuple[int, int, str]]:
    """Domains from and to, and the numbers of the cases that they make."""
    asked, found, cases = read().asked, [], 0
    for start in range(0, len(asked), BLOCK):
        count = sum(len(one.answers) for one in asked[start : start + BLOCK])
        found.append((start, start + BLOCK, f"cases-{cases + 1}-to-{cases + count}"))
        cases += count
    return found


@pytest.mark.parametrize(("start", "end"), [pytest.param(*block[:2], id=block[2]) for block in _blocks()])
def test_we_answer_as_odoo_did(start: int, end: int) -> None:
    recording = read()
    assert deviations(recording, recording.asked[start:end]) == []


def test_at_least_five_thousand_cases_with_true_false_and_errors() -> None:
    said = [answer for one in read().asked for answer in one.answers.values()]
    assert len(said) >= 5_000
    assert said.count(True) >= 1_000
    assert said.count(False) >= 1_000
    assert sum(isinstance(answer, str) for answer in said) >= 300
