"""`maildesk templates create --apply` on a real database: stored once, switched off, and taken further as rules are."""

import asyncio
import json
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner, Result

from cli.main import app
from runtime.errors import InvalidInputError
from runtime.postgres import connect
from sandbox.ports import free_ports
from services.console.store import Applied, apply
from tests.integration.console.test_commands import BOXES, RULE, apply_rules, home
from tests.integration.console.test_rule_files import everything
from tests.unit.services.console.test_plan import rule

__all__ = ["home"]
TOLD = ("channel-notification", "--mailbox", "support", "--set", "channel=sales", "--lang", "en")


def ran(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def create(identity: str, *more: str) -> Result:
    return ran("templates", "create", *TOLD, "--id", identity, "--apply", *more)


def test_a_template_is_stored_switched_off_and_switched_on_by_its_file(home: Path) -> None:
    apply_rules(home, BOXES + RULE)
    done = create("told", "--author", "anna")
    assert done.exit_code == 0, done.output
    assert done.stdout.splitlines()[:2] == [
        "created  rule/told",
        "Version 2: 1 created, 0 updated, 0 deleted, 0 unchanged.",
    ]
    assert "Version 2 is stored, but the broker cannot be reached" in " ".join(done.stderr.split())
    owner = "template:channel-notification/told"
    (found,) = [each for each in json.loads(ran("rules", "list", "--json").stdout) if each["rule"]["id"] == "told"]
    assert (found["owner"], found["author"], found["revision"]) == (owner, "anna", 1)
    assert found["rule"]["enabled"] is False
    assert "switched off" in ran("rules", "preview", "told", "--lang", "en").stdout

    file = home / "told.yaml"
    assert f"maildesk rules export --owner {owner} -o FILE" in done.stdout
    assert ran("rules", "export", "--owner", owner, "-o", str(file)).exit_code == 0
    file.write_text(file.read_text().replace("enabled: false", "enabled: true"))
    assert f"maildesk rules apply FILE --owner {owner}" in done.stdout
    on = json.loads(ran("rules", "apply", str(file), "--owner", owner, "--json").stdout)
    assert (on["updated"], on["deleted"]) == (["rule/told"], [])


def test_an_id_that_is_taken_changes_nothing(home: Path, database_dsn: str) -> None:
    apply_rules(home, BOXES + RULE)
    assert create("told").exit_code == 0
    before = everything(database_dsn)
    for identity, owner in (("told", "template:channel-notification/told"), ("vip", f"{home}/rules.yaml")):
        again = create(identity, "--set", "order=7")
        said = f"rule {identity} is there already, of the owner {owner}; choose another id"
        assert (again.exit_code, " ".join(again.stderr.split())) == (2, said)
    assert everything(database_dsn) == before


def test_two_at_once_store_one(home: Path, database_dsn: str) -> None:
    apply_rules(home, BOXES)

    async def stored(order: int) -> Applied | InvalidInputError:
        database = await connect(database_dsn, name="tests", pool_size=1)
        try:
            return await apply(database, [rule("r", order=order)], (), owner="t", author="a", only_new=True)
        except InvalidInputError as error:
            return error
        finally:
            await database.close()

    async def both() -> list[Applied | InvalidInputError]:
        return list(await asyncio.gather(*(stored(order) for order in range(4))))

    found = asyncio.run(both())
    assert sum(isinstance(each, Applied) for each in found) == 1
    refused = [each.text for each in found if isinstance(each, InvalidInputError)]
    assert refused == ["rule r is there already, of the owner t; choose another id"] * 3


def test_a_mailbox_that_is_not_known_is_refused(home: Path) -> None:
    apply_rules(home, BOXES)
    done = ran("templates", "create", "crm-intake", "--mailbox", "sales", "--id", "lead", "--apply")
    assert done.exit_code == 2
    assert "rule lead names the mailbox sales, which is not known; known: support" in " ".join(done.stderr.split())


def test_a_database_that_is_down_is_exit_code_3(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAILDESK_POSTGRES_DSN", f"postgresql://nobody@127.0.0.1:{free_ports(1)[0]}/none")
    assert create("told").exit_code == 3
    printed = ran("templates", "create", *TOLD, "--id", "told")
    assert printed.exit_code == 0
    assert [each["enabled"] for each in yaml.safe_load(printed.stdout)["rules"]] == [False]
