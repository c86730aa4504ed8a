"""What a real Postgres answers."""

from runtime.postgres import Database


async def test_a_statement_says_how_many_rows_it_touched(database: Database) -> None:
    assert await database.execute("CREATE TABLE noted (number int)") == 0
    assert await database.execute("INSERT INTO noted SELECT generate_series(1, 12)") == 12
    assert await database.execute("UPDATE noted SET number = -number WHERE number > $1", 9) == 3
    assert await database.execute("DELETE FROM noted WHERE number > 0") == 9
    assert await database.execute("DELETE FROM noted WHERE number > 0") == 0
