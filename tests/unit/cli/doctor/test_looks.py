"""Looks at Postgres, services, certificates and an Odoo that hides things, on fakes."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from cli.doctor.checks.certificates import judge
from cli.doctor.checks.odoo_fetchmail import check_fetchmail
from cli.doctor.checks.postgres import check_clock, check_migrations
from cli.doctor.checks.reading import check_reading
from cli.doctor.checks.services import check_service
from cli.doctor.house import House
from cli.doctor.looks import PARTS, looks
from connectors.certificate_look import Server, Shown
from runtime.clock import FakeClock
from runtime.errors import PermanentError
from runtime.health import Health, serve_health
from runtime.postgres import Database
from runtime.secrets import SecretFolder
from sandbox.ports import free_ports
from schemas.mailbox import EmlSource, Mailbox
from tests.unit.connectors.odoo.office import Office

NOW = datetime(2026, 1, 1, tzinfo=UTC)
BOX = Mailbox(id="support", source=EmlSource(kind="eml", path="/mail"))


class Answers:
    """A database that answers each statement by a word in it."""

    def __init__(self, **answers: Any) -> None:
        self._answers = answers

    async def fetchval(self, sql: str, *_: Any) -> Any:
        return self._answer(sql)

    async def fetch(self, sql: str, *_: Any) -> Any:
        return self._answer(sql)

    def _answer(self, sql: str) -> Any:
        return next(answer for word, answer in self._answers.items() if word in sql)


def house(database: Answers | None = None, **more: Any) -> House:
    found = House((BOX,), (), SecretFolder(Path("/nowhere")), 1.0, clock=FakeClock(NOW), **more)
    found.database = cast("Database | None", database)
    return found


@pytest.mark.parametrize(("seconds", "said"), [(0, None), (-4, None), (90, "90 s ahead of"), (-90, "90 s behind")])
async def test_a_clock_that_is_off(seconds: float, said: str | None) -> None:
    found = await check_clock(house(Answers(clock_timestamp=NOW + timedelta(seconds=seconds))))
    assert [said in each.text if said else False for each in found] == ([True] if said else [])


async def test_a_database_that_is_newer() -> None:
    applied = [{"name": "9999_later.sql"}]
    found = await check_migrations(house(Answers(to_regclass=True, SELECT=applied)))
    assert [each.code for each in found] == ["postgres-migrations", "postgres-newer"] * 4


async def test_a_mailbox_that_nobody_reads() -> None:
    row = {"mailbox": "support", "alive": False, "moved_at": None}
    (found,) = await check_reading(house(Answers(to_regclass=True, unnest=[row])))
    assert (found.code, found.text) == ("mailbox-not-read", "nobody reads it, nor ever did")
    (found,) = await check_reading(house(Answers(to_regclass=True, unnest=[row | {"moved_at": NOW}])))
    assert found.text == "nobody reads it; new mail was found last on 2026-01-01 00:00 UTC"
    assert await check_reading(house(Answers(to_regclass=True, unnest=[row | {"alive": True}]))) == []
    assert await check_reading(house(Answers(to_regclass=False))) == []


async def test_services_that_are_silent_sick_or_late() -> None:
    health = Health()
    health.set("kafka", False, "no broker")  # noqa: FBT003 - as it is
    health.facts["ruleset_version"] = 3
    runner, port = await serve_health(health, "127.0.0.1", 0)
    ours = house(Answers(version=4, SELECT=4), services={"evaluator": port, "audit": free_ports(1)[0]})
    found = [*await check_service(ours, "evaluator"), *await check_service(ours, "audit")]
    await runner.cleanup()
    assert [each.code for each in found] == ["service-not-ready", "service-old-rules", "service-silent"]
    assert "kafka (no broker)" in found[0].text
    assert "version 3 of the rules; 4 is applied" in found[1].text


@pytest.mark.parametrize(
    ("shown", "codes"),
    [
        (Shown(("mail.x.example",), "CA", NOW, NOW + timedelta(days=21)), []),
        (Shown(("mail.x.example",), "CA", NOW, NOW + timedelta(days=20, hours=23)), ["certificate-ends-soon"]),
        (Shown(("mail.x.example",), "CA", NOW, NOW), ["certificate-expired"]),
        (Shown(("*.x.example",), "CA", NOW, NOW + timedelta(days=90)), []),
        (Shown(("*.example",), "CA", NOW, NOW + timedelta(days=90)), ["certificate-name"]),
        (Shown(("127.0.0.1", "y.example"), "CA", NOW, NOW), ["certificate-expired", "certificate-name"]),
        (Shown(problem="unable to get local issuer certificate"), ["certificate-untrusted"]),
        (Shown(("mail.x.example",), "y", NOW, NOW + timedelta(days=90), problem="?"), ["certificate-untrusted"]),
        (Shown(("mail.x.example",), "y", NOW, NOW + timedelta(days=90), True, "?"), ["certificate-self-signed"]),  # noqa: FBT003 - it is
    ],
)
def test_certificates(shown: Shown, codes: list[str]) -> None:
    assert [each.code for each in judge(shown, Server("Mail.X.example", 993, "imap"), "here", house())] == codes


def test_a_certificate_is_for_an_address_too() -> None:
    assert Shown(("0:0:0:0:0:0:0:1", "192.0.2.1")).is_for("::1")
    assert not Shown(("192.0.2.1",)).is_for("192.0.2.10")


async def test_an_account_that_may_not_see_fetchmail() -> None:
    office = Office()
    ours = house()
    ours.odoo = office.odoo
    assert await check_fetchmail(ours) == []
    office.line.fail = PermanentError("You are not allowed", code="odoo-access")
    (found,) = await check_fetchmail(ours)
    assert (found.code, found.severity) == ("odoo-fetchmail-unknown", "warning")


def test_parts_that_are_away_are_left_out() -> None:
    ours = house(Answers(), services={"audit": 1}, kafka="k:9092", odoo=Office().odoo)
    assert {each.part for each in looks(ours, ())} == set(PARTS)
    assert {each.part for each in looks(ours, ("kafka", "smtp"))} == set(PARTS) - {"kafka", "smtp"}
    assert looks(ours, PARTS) == []
