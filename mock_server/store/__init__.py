"""Where a world's data lives: SQLite, every SQL statement of the project, and the seed files it starts from."""
