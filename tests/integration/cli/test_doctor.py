"""`maildesk doctor` on set-ups that are broken, each in one way: what it says, and how it ends.

docs/howto/doctor.md shows the same lines.
"""

import asyncio
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from aiohttp.test_utils import TestServer
from typer.testing import CliRunner, Result

from cli.main import app
from cli.setup import migrate_all
from connectors.odoo.standin import StandIn, create_app
from connectors.odoo.standin.apps import App
from connectors.odoo.standin.orm import Orm
from runtime.postgres import Database, connect
from sandbox.memory_broker import MemoryBroker
from sandbox.ports import free_ports
from schemas.mailbox import EmlSource, Mailbox
from services.console.store import apply
from tests.integration.cli.broken import SECRETS, Wrong, set_up_wrongly, shown

MANUAL = Path(__file__).resolve().parents[3] / "docs" / "howto" / "doctor.md"
WAITS = {"silent": 0.3}
ALL = ("mailboxes", "smtp", "odoo", "kafka", "postgres", "services")


@pytest.fixture(scope="module")
def wrong(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wrong]:
    with set_up_wrongly(tmp_path_factory.mktemp("wrong")) as servers:
        yield servers


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("PGHOST", "MAILDESK_POSTGRES_DSN", "MAILDESK_KAFKA_BOOTSTRAP", "MAILDESK_ODOO_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("MAILDESK_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("MAILDESK_SECRETS_DIR", str(tmp_path / "secrets"))
    for name, value in SECRETS.items():
        monkeypatch.setenv(f"MAILDESK_SECRET_{name}", value)


def doctor(*options: str, seconds: float = 5) -> Result:
    return CliRunner().invoke(app, ["doctor", "--seconds", str(seconds), *options])


def only(*parts: str) -> list[str]:
    return [word for part in ALL if part not in parts for word in ("--offline", part)]


def findings(result: Result) -> list[str]:
    """The lines but the sum, none with a secret in it."""
    assert not [secret for secret in SECRETS.values() if secret in result.output]
    return [shown(line) for line in result.output.splitlines()[:-1]]


def assert_documented(lines: list[str]) -> None:
    manual = MANUAL.read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line not in manual] == []


@pytest.mark.parametrize(
    ("mailbox", "code", "said", "remedy"),
    [
        ("expired", "certificate-expired", "its certificate ended on", "renew it"),
        ("name", "certificate-name", "is for mail.elsewhere.example, not for localhost", "use a host name"),
        ("ends-soon", "certificate-ends-soon", "in 1 day", "renew it"),
        ("password", "imap-login", "refused the login of 'anna'", "the secret WRONG"),
        ("secret", "secret-missing", "secret NOWHERE is missing", "set MAILDESK_SECRET_NOWHERE"),
        ("folder", "folder-missing", "there is no folder 'Posteingang'", "its folders: INBOX"),
        ("sent", "folder-missing", "there is no folder 'Gesendet', so sent mail is not seen", "its folders: INBOX"),
        ("granted", "oauth-expired", "has no refresh token yet", "maildesk mailboxes authorize granted"),
        ("revoked", "oauth-expired", "has ended or was taken back", "maildesk mailboxes authorize revoked"),
        ("closed", "imap-connect", "cannot be reached: [Errno 111] Connection refused", "check host, port"),
        ("silent", "imap-connect", "timed out", "check host, port"),
        ("plain-port", "imap-tls", "does not speak TLS here", "check `port`"),
        ("smtp-login", "smtp-login", "refused the login", "the secret WRONG"),
        ("smtp-closed", "smtp-connect", "Connection refused", "check host, port"),
        ("path", "path-missing", "there is no /nowhere/support.mbox", "correct `path`"),
    ],
)
def test_a_mailbox_that_is_set_up_wrongly(
    wrong: Wrong, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, mailbox: str, code: str, said: str, remedy: str
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(wrong.trusted))
    file = wrong.write(tmp_path / "boxes.yaml")
    result = doctor(
        "--file", str(file), "--mailbox", mailbox, *only("mailboxes", "smtp"), seconds=WAITS.get(mailbox, 5)
    )
    (line,) = findings(result)
    assert f" {code} [mailbox {mailbox}" in line
    assert said in line
    assert remedy in line.partition(" → ")[2]
    assert result.exit_code == 1
    assert_documented([line])


def test_a_certificate_that_nobody_signed(wrong: Wrong, tmp_path: Path) -> None:
    result = doctor("--file", str(wrong.write(tmp_path / "b.yaml")), "--mailbox", "ends-soon", *only("mailboxes"))
    assert [line.split()[1] for line in findings(result)] == ["certificate-self-signed", "certificate-ends-soon"]
    assert_documented(findings(result)[:1])


def test_all_at_once_and_as_json(wrong: Wrong, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(wrong.trusted))
    result = doctor("--file", str(wrong.write(tmp_path / "b.yaml")), "--json", *only("mailboxes", "smtp"))
    found = json.loads(result.output)
    assert len(found["findings"]) == 15
    assert found["looks"] == 2 * len(wrong.mailboxes)
    assert {each["severity"] for each in found["findings"]} == {"error", "warning"}
    assert result.exit_code == 1


def test_nothing_is_wrong(wrong: Wrong, tmp_path: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in wrong.dovecot.maildir("anna").rglob("*") if path.is_file()}
    file = str(wrong.write(tmp_path / "boxes.yaml"))
    result = doctor("--file", file, "--mailbox", "good", *only("mailboxes", "smtp"))
    assert (result.output, result.exit_code) == ("Nothing is wrong (2 looks).\n", 0)
    kept = ("uidlist", "uidvalidity", "index", "keywords", "subscriptions")
    changed = [path for path, when in before.items() if path.stat().st_mtime_ns != when]
    assert [path.name for path in changed if not any(word in path.name for word in kept)] == []


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--mailbox", "nowhere"), "there is no mailbox nowhere"),
        (("--offline", "everything"), "there is no such part"),
        (("--file", "/nowhere.yaml"), "/nowhere.yaml"),
    ],
)
def test_what_it_cannot_look_at(wrong: Wrong, tmp_path: Path, options: tuple[str, ...], said: str) -> None:
    file = () if "--file" in options else ("--file", str(wrong.write(tmp_path / "boxes.yaml")))
    result = doctor(*file, *options)
    assert result.exit_code == 2
    assert said in result.output


RULES = {
    "mailboxes": [
        {
            "id": "support",
            "addresses": ["support@company.example"],
            "source": {"kind": "imap", "host": "imap.company.example", "username": "support@company.example"}
            | {"password": "ANNA"},
        }
    ],
    "rules": [
        {"id": "tickets", "mailbox": "support", "actions": [{"id": "t", "type": "helpdesk_ticket"}]},
        {"id": "leads", "mailbox": "support", "actions": [{"id": "l", "type": "crm_lead"}]},
        {"id": "answers", "mailbox": "support", "actions": [{"id": "a", "type": "auto_reply", "text": "We read it."}]},
    ],
}
Furnish = Callable[[Orm], None]


def _made(orm: Orm, model: str, **values: Any) -> int:
    with orm.store.transaction():
        made = orm.create(model, values)
    assert isinstance(made, int)
    return made


def healthy(orm: Orm) -> None:
    _made(orm, "mail.alias.domain", name="company.example", bounce_alias="bounce", catchall_alias="catchall")
    _made(orm, "ir.mail_server", name="Ours", smtp_host="smtp.company.example")


def fetching(orm: Orm) -> None:
    healthy(orm)
    account = {"server": "imap.company.example", "user": "Support@company.example", "state": "done"}
    _made(orm, "fetchmail.server", name="Support", date="2026-03-01 11:58:00", **account)
    _made(orm, "ir.cron", cron_name="Mail: Fetchmail Service", active=True)


def fetching_by_hand(orm: Orm) -> None:
    healthy(orm)
    _made(orm, "fetchmail.server", name="Support", server="imap.company.example", user="support@company.example")
    _made(orm, "ir.cron", cron_name="Mail: Fetchmail Service", active=False)


def stuck(orm: Orm) -> None:
    healthy(orm)
    for state, failure in (("outgoing", False), ("outgoing", False), ("exception", "mail_smtp"), ("sent", False)):
        number = _made(orm, "mail.mail", state=state, failure_type=failure)
        with orm.store.transaction():
            orm.store.put("mail.mail", number, orm.get("mail.mail", number) | {"create_date": "2026-03-01 10:00:00"})


def clashing(orm: Orm) -> None:
    healthy(orm)
    model = orm.search("ir.model", [["model", "=", "crm.lead"]])[0]
    for domain, local in (("company.example", False), ("other.example", True)):
        full = {"alias_full_name": f"sales@{domain}", "alias_incoming_local": local}
        _made(orm, "mail.alias", alias_name="sales", alias_model_id=model, **full)


def own_alias(orm: Orm) -> None:
    healthy(orm)
    model = orm.search("ir.model", [["model", "=", "crm.lead"]])[0]
    _made(orm, "mail.alias", alias_name="support", alias_model_id=model, alias_full_name="support@company.example")


def no_domain(orm: Orm) -> None:
    _made(orm, "ir.mail_server", name="Ours")


def no_server(orm: Orm) -> None:
    _made(orm, "mail.alias.domain", name="company.example", bounce_alias="bounce", catchall_alias="catchall")


@pytest.fixture
def odoo(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Any]:
    """Looks at a stand-in that was furnished, by the command itself, in a thread of its own."""
    file = tmp_path / "rules.yaml"
    file.write_text(yaml.safe_dump(RULES))

    async def look(furnish: Furnish, *, apps: tuple[App, ...] = ("crm", "helpdesk"), **settings: str) -> Result:
        standin = StandIn(apps=apps)
        furnish(Orm(standin.store, 2, {}))
        before = {name: dict(table) for name, table in standin.store.tables.items()}
        async with TestServer(create_app(standin)) as server:
            given = {"URL": str(server.make_url("")), "DB": "maildesk", "LOGIN": "admin"} | settings
            for name, value in given.items():
                monkeypatch.setenv(f"MAILDESK_ODOO_{name}", value)
            monkeypatch.setenv("MAILDESK_SECRET_ODOO_PASSWORD", settings.get("PASSWORD", given["LOGIN"]))
            result = await asyncio.to_thread(doctor, "--file", str(file), *only("odoo"))
        assert standin.store.tables == before
        return result

    return look


@pytest.mark.parametrize(
    ("furnish", "settings", "code", "said"),
    [
        (healthy, {"apps": ("crm",)}, "odoo-module-missing", "[rule tickets] Odoo has no model helpdesk.ticket"),
        (healthy, {"PASSWORD": "a wrong key"}, "odoo-login", "Odoo refuses login 'admin'"),
        (healthy, {"DB": "elsewhere"}, "odoo-database", 'database "elsewhere" does not exist'),
        (fetching, {}, "odoo-fetchmail", "reads this mailbox too: its scheduled action is on, it is confirmed"),
        (fetching_by_hand, {}, "odoo-fetchmail", "is off, it is not confirmed, it never looked"),
        (clashing, {}, "odoo-alias-clash", "alias sales exists 2 times"),
        (own_alias, {}, "odoo-alias-own-address", "support@company.example is an address of this mailbox and an alias"),
        (no_domain, {}, "odoo-alias-domain-unset", "Odoo has no alias domain"),
        (no_server, {}, "odoo-no-outgoing", "no outgoing mail server"),
    ],
)
async def test_an_odoo_that_is_set_up_wrongly(
    odoo: Callable[..., Any], furnish: Furnish, settings: dict[str, Any], code: str, said: str
) -> None:
    result = await odoo(furnish, **settings)
    (line,) = findings(result)
    assert line.split()[1] == code
    assert said in line
    assert " → " in line
    assert result.exit_code == 1
    assert_documented([line])


async def test_mail_that_is_stuck_in_odoo(odoo: Callable[..., Any]) -> None:
    result = await odoo(stuck)
    lines = findings(result)
    assert [line.split()[1] for line in lines] == ["odoo-mail-failed", "odoo-mail-stuck"]
    assert "could not send 1 mail," in lines[0]
    assert "2 mails wait" in lines[1]
    assert_documented(lines)


async def test_an_api_user_who_may_only_read(odoo: Callable[..., Any]) -> None:
    result = await odoo(healthy, LOGIN="reader")
    lines = findings(result)
    assert [line.split()[1] for line in lines] == ["odoo-access", "odoo-access"]
    assert_documented(lines)


async def test_an_odoo_in_order(odoo: Callable[..., Any]) -> None:
    result = await odoo(healthy)
    assert (result.output, result.exit_code) == ("Nothing is wrong (1 looks).\n", 0)


def test_a_rule_that_answers_from_a_mailbox_that_cannot_send(tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text(yaml.safe_dump(RULES))
    result = doctor("--file", str(tmp_path / "rules.yaml"), *only("smtp"))
    (line,) = findings(result)
    assert line.startswith("error no-outgoing [rule answers]")
    assert_documented([line])


def test_topics_that_are_missing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "empty.yaml").write_text("mailboxes: []")
    broker = MemoryBroker()
    broker.start()
    monkeypatch.setenv("MAILDESK_KAFKA_BOOTSTRAP", broker.bootstrap)
    result = doctor("--file", str(tmp_path / "empty.yaml"), *only("kafka"))
    broker.stop()
    (line,) = findings(result)
    assert "kafka-topic-missing" in line
    assert result.exit_code == 1
    assert_documented([line])


def test_a_kafka_that_is_away(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "empty.yaml").write_text("mailboxes: []")
    monkeypatch.setenv("MAILDESK_KAFKA_BOOTSTRAP", f"127.0.0.1:{free_ports(1)[0]}")
    result = doctor("--file", str(tmp_path / "empty.yaml"), *only("kafka"))
    (line,) = findings(result)
    assert "kafka-down" in line
    assert_documented([line])


def test_servers_that_take_connections_and_say_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, wrong: Wrong
) -> None:
    silent = f"127.0.0.1:{wrong.silent}"
    monkeypatch.setenv("MAILDESK_KAFKA_BOOTSTRAP", silent)
    monkeypatch.setenv("MAILDESK_POSTGRES_DSN", f"postgresql://u@{silent}/maildesk")
    monkeypatch.setenv("MAILDESK_ODOO_URL", f"http://{silent}")
    monkeypatch.setenv("MAILDESK_SECRET_ODOO_PASSWORD", "admin")
    (tmp_path / "empty.yaml").write_text("mailboxes: []")
    began = time.monotonic()
    result = doctor("--file", str(tmp_path / "empty.yaml"), seconds=0.3)
    assert time.monotonic() - began < 10
    assert sorted(line.split()[1] for line in findings(result)) == ["kafka-down", "odoo-down", "postgres-down"]
    assert result.exit_code == 1


def test_a_postgres_that_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAILDESK_POSTGRES_DSN", f"postgresql://u:hidden@127.0.0.1:{free_ports(1)[0]}/maildesk")
    result = doctor(*only("postgres", "mailboxes"))
    (line,) = findings(result)
    assert "postgres-down" in line
    assert "hidden" not in line
    assert result.exit_code == 1
    assert_documented([line])


async def test_a_mailbox_that_nobody_reads(
    monkeypatch: pytest.MonkeyPatch, database: Database, database_dsn: str
) -> None:
    monkeypatch.setenv("MAILDESK_POSTGRES_DSN", database_dsn)
    await migrate_all(database)
    source = EmlSource(kind="eml", path="/mail")
    await apply(database, (), (Mailbox(id="support", source=source),), owner="tests", author="tests")
    result = await asyncio.to_thread(doctor, *only("postgres"))
    (line,) = findings(result)
    assert line.startswith("error mailbox-not-read [mailbox support] nobody reads it, nor ever did")
    assert_documented([line])
    await database.execute("INSERT INTO ingest.worker VALUES ('w', 'host', '{support}', now() + interval '1 hour')")
    await database.execute("INSERT INTO ingest.lease (mailbox, worker) VALUES ('support', 'w')")
    assert (await asyncio.to_thread(doctor, *only("postgres"))).exit_code == 0


async def test_a_postgres_without_our_tables(monkeypatch: pytest.MonkeyPatch, database_dsn: str) -> None:
    monkeypatch.setenv("MAILDESK_POSTGRES_DSN", database_dsn)
    result = await asyncio.to_thread(doctor, *only("postgres", "mailboxes"))
    codes = [line.split()[1] for line in findings(result)]
    assert codes.count("postgres-migrations") == 4
    database = await connect(database_dsn, name="tests", pool_size=1)
    assert not await database.fetchval("SELECT to_regnamespace('ingest') IS NOT NULL")
    await database.close()
