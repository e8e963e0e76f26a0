"""Tables and statements as SQLModel and SQLAlchemy have them; `make sql` writes `store.sql` from here."""
