"""`maildesk erase` on a platform that runs: every service forgets the address, and nothing else."""

from pathlib import Path

from runtime.postgres import Database
from tests.e2e.conftest import MakeDesk
from tests.e2e.desk import Up, rules_file
from tests.e2e.mails import deliver, mail, make_maildir, places
from tests.e2e.test_backlog import rows

RULES = """
mailbox: support
rules:
  - id: mark
    when: {type: subject, contains: [zebra]}
    actions:
      - {id: mark, type: tag, add: [Zebra]}
"""
TABLES = """
SELECT format('%I.%I', table_schema, table_name) FROM information_schema.tables
WHERE table_schema IN ('ingest', 'evaluator', 'actions', 'audit', 'console') AND table_type = 'BASE TABLE'
"""
SUCCEEDED = "SELECT count(*) FROM audit.execution_log_v1 WHERE state = 'succeeded'"
EVE = "eve@person.example"
# The file names of a Maildir have the ids too: where a mail lies is kept, since the mail lies there still.
OF_EVE = ("eve@person.example", "<eve.of.hers", "Zebra crossing 4711", "the hummingbird sings", "Eve Adams")


def letters(sender: str, ident: str, subject: str, body: str) -> list[tuple[str, str, str, str]]:
    return [(f"{ident}-{number}", f"{subject} {number}", sender, body) for number in (1, 2)]


def everything(up: Up) -> str:
    """All that Postgres has, as text."""

    async def ask(database: Database) -> str:
        tables = [row["format"] for row in await database.fetch(TABLES)]
        kept = [await database.fetch(f"SELECT t::text AS row FROM {table} AS t") for table in tables]  # noqa: S608
        return "\n".join(row["row"] for several in kept for row in several).lower()

    return up.desk.query(ask)


def found(text: str, kept: str) -> bool:
    """In a text or, as hexadecimal digits, in bytes."""
    return any(form in kept for form in (text.lower(), text.encode().hex(), text.lower().encode().hex()))


def test_every_service_forgets_an_address_and_the_others_go_on(make_desk: MakeDesk) -> None:
    desk = make_desk("memory")
    desk.env["MAILDESK_SECRET_ERASURE_KEY"] = "k" * 40
    folder: Path = desk.home.parent
    hers = letters(f"Eve Adams <{EVE}>", "eve.of.hers", "Zebra crossing 4711", "the hummingbird sings")
    his = letters("Bob <bob@other.example>", "bob.of.his", "Another zebra", "regards")
    mails = [mail(name, subject, sender=sender, body=body) for name, subject, sender, body in (*hers, *his)]
    maildir = make_maildir(folder / "mail", mails)
    with desk.started("--mail", f"support={maildir}", "--rules", rules_file(folder / "rules.yaml", RULES)) as up:
        up.wait_ready()
        up.wait(lambda: rows(up, SUCCEEDED) == [(4,)], "all four tagged")
        before = everything(up)
        assert all(found(each, before) for each in OF_EVE), "there is something to forget"

        counted = desk.run("erase", "--address", EVE, "--dry-run", "--json")
        assert counted.code == 0, counted.err
        assert sum(counted.json["rows"].values()) > 0
        assert all(found(each, everything(up)) for each in OF_EVE), "a dry run empties nothing"
        asked = desk.run("erase", "--address", "Eve@Person.example")
        assert asked.code == 0, asked.err
        up.wait(lambda: desk.run("erase", "--address", EVE, "--status").code == 0, "erased by every service")

        left = everything(up)
        assert [each for each in OF_EVE if found(each, left)] == []
        assert found("bob.of.his-1", left)
        assert all("Zebra" in place.keywords for place in places(maildir).values()), "what was done stays"
        deliver(maildir, mail("bob.of.his-3", "A zebra more", sender="Bob <bob@other.example>"))
        up.wait(lambda: rows(up, SUCCEEDED) == [(5,)], "the next mail is tagged")
