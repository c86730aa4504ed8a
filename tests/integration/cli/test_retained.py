"""The page of what is kept names every table, and every column that can hold what somebody wrote."""

from cli.generate.retained import TABLES
from runtime.migrations import migrate
from runtime.postgres import Database

SERVICES = ("ingest", "actions", "audit", "console")
COLUMNS = """
SELECT n.nspname || '.' || c.relname AS table, a.attname AS column, format_type(a.atttypid, a.atttypmod) AS type
FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname = ANY ($1::text[]) AND c.relkind IN ('r', 'p') AND NOT c.relispartition
  AND a.attnum > 0 AND NOT a.attisdropped AND c.relname <> 'migration'
"""
IMPERSONAL = {
    "audit.decision": {"commands"},
    "console.replay": {"spans"},
    "ingest.erasure": {"rows"},
    "actions.erasure": {"rows"},
    "audit.erasure": {"rows"},
    "ingest.event": {"key"},
    "ingest.deferred": {"key"},
    "ingest.dead_letter": {"key"},
}
"""Columns of bytes or JSON that hold ids only."""


async def test_every_table_is_on_the_page_and_every_free_form_is_looked_at(database: Database) -> None:
    for service in SERVICES:
        await migrate(database, service)
    rows = await database.fetch(COLUMNS, list(SERVICES))
    columns = {name: {row["column"] for row in rows if row["table"] == name} for name in {row["table"] for row in rows}}
    assert sorted(columns) == sorted(table.name for table in TABLES)
    for table in TABLES:
        assert set(table.personal) <= columns[table.name], table.name
        free = {row["column"] for row in rows if row["table"] == table.name and row["type"] in ("bytea", "jsonb")}
        assert free - set(table.personal) == IMPERSONAL.get(table.name, set()), table.name
