"""How looks run beside each other, and what becomes of one that hangs or fails."""

import asyncio
import re
import time
from pathlib import Path

from cli.doctor.checking import AT_ONCE, Check, run_checks
from cli.doctor.finding import LONGEST, Finding, found_error, listed
from cli.doctor.house import House
from runtime.errors import InvalidInputError, TargetDownError
from runtime.secrets import SecretFolder


def house(seconds: float = 5.0) -> House:
    return House((), (), SecretFolder(Path("/nowhere")), seconds)


async def test_a_look_that_hangs_is_given_up_and_told() -> None:
    async def hang(_: House) -> list[Finding]:
        await asyncio.Event().wait()
        return []

    async def fine(_: House) -> list[Finding]:
        return []

    began = time.monotonic()
    (found,) = await run_checks(house(0.01), [Check("odoo", "Odoo", hang), Check("kafka", "Kafka", fine)])
    assert (found.code, found.place, found.severity) == ("check-timed-out", "Odoo", "error")
    assert time.monotonic() - began < 5


async def test_looks_go_beside_each_other_but_not_all_at_once() -> None:
    running = most = 0

    async def count(_: House) -> list[Finding]:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0)
        running -= 1
        return []

    assert await run_checks(house(), [Check("odoo", "Odoo", count)] * 100) == []
    assert 1 < most <= AT_ONCE


async def test_an_error_of_ours_is_a_finding_and_the_others_go_on() -> None:
    async def fail(_: House) -> list[Finding]:
        raise TargetDownError("it is away; start it", code="odoo-down")

    async def find(_: House) -> list[Finding]:
        return [Finding("x", "y", "z", "")]

    found = await run_checks(house(), [Check("odoo", "Odoo", fail), Check("kafka", "Kafka", find)])
    assert [str(each) for each in found] == ["error odoo-down [Odoo] it is away → start it", "error x [y] z"]


def test_what_another_side_said_is_cut_and_cannot_write_to_the_terminal() -> None:
    found = found_error(TargetDownError("\x1b[2J" + "x" * 10_000), "mailbox a")
    assert "\x1b" not in found.text
    assert len(found.text) <= LONGEST
    assert listed([f"folder\r\n{number}" for number in range(30)], 2) == "folder  0, folder  1 and 28 more"


def test_a_missing_secret_is_told_with_its_two_places() -> None:
    error = InvalidInputError(
        "secret A is missing: set MAILDESK_SECRET_A, or put it into a file", code="secret-missing"
    )
    found = found_error(error, "mailbox a")
    assert (found.text, found.remedy) == ("secret A is missing", "set MAILDESK_SECRET_A, or put it into a file")


def test_every_code_stands_in_the_manual() -> None:
    root = Path(__file__).resolve().parents[4]
    manual = (root / "docs" / "howto" / "doctor.md").read_text(encoding="utf-8")
    sources = [path.read_text(encoding="utf-8") for path in (root / "cli" / "doctor").rglob("*.py")]
    codes = {code for source in sources for code in re.findall(r'Finding\(\s*"([a-z-]+)"', source)}
    assert len(codes) >= 25
    assert sorted(code for code in codes if code not in manual) == []
