"""How databases of earlier releases are brought up to date: one step for each schema version, never changed again."""

_SETTLES = """
    UPDATE {table} SET settles = json_extract(plan, '$.started')
        + (SELECT total(json_extract(value, '$[1]')) FROM json_each(plan, '$.stages'))
"""

STEPS: tuple[tuple[str, ...], ...] = (
    (
        """CREATE TABLE scenario (place INTEGER NOT NULL, name VARCHAR NOT NULL, kind VARCHAR NOT NULL,
                spec JSON NOT NULL, tree VARCHAR NOT NULL, matched INTEGER NOT NULL, PRIMARY KEY (place))""",
        "CREATE TABLE fault (place INTEGER NOT NULL, state JSON NOT NULL, PRIMARY KEY (place))",
        "ALTER TABLE world ADD COLUMN epoch INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE world ADD COLUMN revision INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE world ADD COLUMN origin JSON NOT NULL DEFAULT '{}'",
        "ALTER TABLE world ADD COLUMN clock_skipping BOOLEAN NOT NULL DEFAULT 0",
        "UPDATE world SET origin = json_object('time_scale', clock_scale)",
        "ALTER TABLE computation ADD COLUMN own_tree BOOLEAN NOT NULL DEFAULT 0",
        "UPDATE computation SET own_tree = log IS NULL",
        "DROP INDEX ix_computation_tree",
        "CREATE INDEX ix_computation_tree ON computation (tree) WHERE own_tree",
        *(
            statement
            for table in ("computation", "dataasset", "releasejob")
            for statement in (
                f"ALTER TABLE {table} ADD COLUMN settles FLOAT NOT NULL DEFAULT 0",
                _SETTLES.format(table=table),
            )
        ),
        "CREATE INDEX ix_dataasset_settles ON dataasset (settles)",
    ),
)
"""From version 1 to 2, and so on."""
