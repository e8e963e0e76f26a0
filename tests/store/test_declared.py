"""The SQL that the server runs is what the tables and statements are declared to be."""

from pathlib import Path

from mock_server.store import sql


def test_the_sql_is_fresh() -> None:
    # SQLAlchemy takes a second to import, and no other test needs it.
    from mock_server.store.declared.__main__ import module

    assert Path(sql.__file__).read_text() == module(), "run `make sql`"
