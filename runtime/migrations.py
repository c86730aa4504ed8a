"""Migrations: numbered .sql files of a service, applied once each, in order, under a lock, in its own schema."""

from importlib import resources

from runtime.errors import InvalidInputError
from runtime.postgres import Database


async def migrate(database: Database, service: str) -> list[str]:
    """Apply what is new in `services/<service>/migrations`; returns the names applied. Safe to run by many at once.

    Raises InvalidInputError when the database holds a migration that this version does not know.
    """
    folder = resources.files(f"services.{service}").joinpath("migrations")
    known = {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir() if path.name.endswith(".sql")}
    async with database.transaction() as session:
        await session.execute("SELECT pg_advisory_xact_lock(hashtext($1))", f"maildesk-migrate-{service}")
        await session.execute(f"CREATE SCHEMA IF NOT EXISTS {service}")
        await session.execute(
            f"CREATE TABLE IF NOT EXISTS {service}.migration "
            "(name text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())"
        )
        rows = await session.fetch(f"SELECT name FROM {service}.migration")  # noqa: S608 - a name of ours, not input
        applied = {str(row["name"]) for row in rows}
        if unknown := sorted(applied - set(known)):
            raise InvalidInputError(
                f"the database is newer than this program: {service} has {', '.join(unknown)}; upgrade the program"
            )
        fresh = sorted(set(known) - applied)
        for name in fresh:
            await session.execute(known[name])
            await session.execute(
                f"INSERT INTO {service}.migration (name) VALUES ($1)",  # noqa: S608 - a name of ours, not input
                name,
            )
    return fresh
