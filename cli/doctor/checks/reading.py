"""Whether somebody reads each mailbox, by the leases in the ledger."""

from cli.doctor.checks.postgres import SQL
from cli.doctor.finding import Finding
from cli.doctor.house import House


async def check_reading(house: House) -> list[Finding]:
    """Mailboxes that no living process holds."""
    if house.database is None or not house.mailboxes or not await house.database.fetchval(SQL["leases_there"]):
        return []
    rows = await house.database.fetch(SQL["reading"], [mailbox.id for mailbox in house.mailboxes])
    found: list[Finding] = []
    for row in rows:
        if row["alive"]:
            continue
        since = f"{row['moved_at']:%Y-%m-%d %H:%M} UTC" if row["moved_at"] else ""
        text = f"nobody reads it; new mail was found last on {since}" if since else "nobody reads it, nor ever did"
        remedy = "start the service ingest: maildesk up, or its deployment"
        found.append(Finding("mailbox-not-read", f"mailbox {row['mailbox']}", text, remedy))
    return found
