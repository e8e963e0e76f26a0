"""Where a world's data lives: SQLite, and every SQL statement of the project."""
