"""Whether Postgres has every migration, and the same time as we."""

from importlib import resources

from cli.doctor.finding import Finding, listed
from cli.doctor.house import House
from cli.setup import OWNED
from runtime.postgres import Database
from runtime.queries import load_queries

SQL = load_queries("cli.doctor")
SKEW_SECONDS = 5.0


async def check_migrations(house: House) -> list[Finding]:
    """What is missing, or newer than this program. Nothing is applied."""
    if house.database is None:
        return []
    found: list[Finding] = []
    for service in OWNED:
        folder = resources.files(f"services.{service}").joinpath("migrations")
        known = {path.name for path in folder.iterdir() if path.name.endswith(".sql")}
        applied = await _applied(house.database, service)
        if missing := sorted(known - applied):
            text = f"{len(missing)} of {len(known)} migrations of {service} are missing: {listed(missing, 5)}"
            remedy = f"start the service {service} (or `maildesk up`), which applies them"
            found.append(Finding("postgres-migrations", "Postgres", text, remedy))
        if newer := sorted(applied - known):
            text = f"it is newer than this program: {service} has {listed(newer, 5)}"
            found.append(Finding("postgres-newer", "Postgres", text, "upgrade this program"))
    return found


async def _applied(database: Database, service: str) -> set[str]:
    if not await database.fetchval(SQL["migrated"], service):
        return set()
    rows = await database.fetch(f"SELECT name FROM {service}.migration")  # noqa: S608 - a name of ours, not input
    return {str(row["name"]) for row in rows}


async def check_clock(house: House) -> list[Finding]:
    """Leases use the database's clock, conditions and certificates ours."""
    if house.database is None:
        return []
    before = house.now
    theirs = await house.database.fetchval(SQL["clock"])
    after = house.now
    behind, ahead = (before - theirs).total_seconds(), (theirs - after).total_seconds()
    if (skew := max(behind, ahead)) <= SKEW_SECONDS:
        return []
    side = "behind" if behind > ahead else "ahead of"
    text = f"its clock is {skew:.0f} s {side} this machine's"
    return [Finding("postgres-clock", "Postgres", text, "set both by NTP", "warning")]
