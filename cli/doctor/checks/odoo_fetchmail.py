"""Whether Odoo itself fetches mail from a mailbox that we read: then each mail is handled twice."""

from cli.doctor.finding import Finding, listed
from cli.doctor.house import House
from connectors.odoo.errors import ModelMissingError
from connectors.odoo.port import Json, Odoo
from runtime.errors import PermanentError
from schemas.comparable import folded_address
from schemas.mailbox import ImapSource, Mailbox
from schemas.pop3_source import Pop3Source

CRON = "Fetchmail"
_FIELDS = ("name", "active", "state", "server", "user", "server_type", "date")
_LISTED = {"active_test": False}


async def check_fetchmail(house: House) -> list[Finding]:
    """One finding for each of Odoo's incoming servers that is set to one of our mailboxes and is not archived."""
    if house.odoo is None:
        return []
    try:
        servers = await _all(house.odoo, "fetchmail.server", [], _FIELDS)
    except ModelMissingError:
        return []
    except PermanentError as error:
        if error.code != "odoo-access":
            raise
        text = "the API user may not read Odoo's incoming mail servers, so it is not known whether Odoo reads them too"
        remedy = "look in Odoo: Settings, Technical, Incoming Mail Servers; or run this with an administrator's key"
        return [Finding("odoo-fetchmail-unknown", "Odoo", text, remedy, "warning")]
    both = [(row, box) for row in servers for box in house.mailboxes if row["active"] and _is_same(row, box)]
    if not both:
        return []
    runs = await _cron_runs(house.odoo)
    return [_finding(row, box, await _last(house.odoo, row), runs=runs) for row, box in both]


async def _all(odoo: Odoo, model: str, domain: list[object], fields: tuple[str, ...]) -> list[Json]:
    asked = {"fields": list(fields), "limit": 500, "context": _LISTED}
    found: list[Json] = await odoo.call(model, "search_read", [domain], asked)
    return found


def _is_same(row: Json, mailbox: Mailbox) -> bool:
    source, user = mailbox.source, folded_address(str(row["user"] or ""))
    if not user:
        return False
    if isinstance(source, ImapSource | Pop3Source):
        same_host = not row["server"] or str(row["server"]).lower() == source.host.lower()
        if same_host and folded_address(source.username) == user:
            return True
    return user in mailbox.own_addresses


async def _cron_runs(odoo: Odoo) -> bool | None:
    """Whether Odoo fetches by itself; None: the account may not know."""
    try:
        rows = await _all(odoo, "ir.cron", [["cron_name", "ilike", CRON]], ("active",))
    except PermanentError:
        return None
    return any(row["active"] for row in rows) if rows else None


async def _last(odoo: Odoo, row: Json) -> str:
    """When it looked for mail, and the last mail of it that Odoo kept."""
    looked = f"last looked on {row['date']} UTC" if row["date"] else "it never looked"
    try:
        asked = [["fetchmail_server_id", "=", row["id"]]]
        mails = await odoo.search_read("mail.mail", asked, ["create_date"], limit=1, order="id desc")
    except PermanentError:
        return looked
    return f"{looked}, last mail of it on {mails[0]['create_date']} UTC" if mails else looked


def _finding(row: Json, mailbox: Mailbox, last: str, *, runs: bool | None) -> Finding:
    account = f"{row['server_type']}, {listed([str(row['user'])])}"
    confirmed = row["state"] == "done"
    state = {True: "is on", False: "is off", None: "is not known"}[runs]
    how = f"its scheduled action {state}, it is {'' if confirmed else 'not '}confirmed"
    named = f"Odoo's incoming mail server {listed([str(row['name'])])} ({account})"
    text = f"{named} reads this mailbox too: {how}, {last}"
    remedy = "archive it in Odoo (Settings, Technical, Incoming Mail Servers), or do not read the mailbox here"
    working = confirmed and runs is not False
    return Finding("odoo-fetchmail", f"mailbox {mailbox.id}", text, remedy, "error" if working else "warning")
