"""How databases of earlier releases are brought up to date: one step for each schema version, never changed again."""

from collections.abc import Iterator

_SETTLES = """
    UPDATE {table} SET settles = json_extract(plan, '$.started')
        + (SELECT total(json_extract(value, '$[1]')) FROM json_each(plan, '$.stages'))
"""

_SEEN_BY_SEARCHES = {
    "dataasset": ("id", "name, description, tags, archived, external, type, size, owner, created, more"),
    "capsule": ("id", "name, description, tags, archived, status, owner, created, last_accessed, attached, more"),
    '"grant"': ("entity_id", "role, subject, entity_id"),
    "favorite": ("entity_id", "user_id, entity_id"),
}
"""By table: the column that holds the id of an object, and the columns that make a difference to its entry."""


def _triggers() -> Iterator[str]:
    for table, (key, columns) in _SEEN_BY_SEARCHES.items():
        for event, rows in (("INSERT", ("new",)), ("DELETE", ("old",)), (f"UPDATE OF {columns}", ("old", "new"))):
            notes = " ".join(f"INSERT OR IGNORE INTO stale VALUES ({row}.{key});" for row in rows)  # noqa: S608
            name = f"{table.strip(chr(34))}_{event.split()[0].lower()}_is_seen"
            yield f"CREATE TRIGGER {name} AFTER {event} ON {table} BEGIN {notes} END"


_ATTACHED = """
    UPDATE capsule SET attached = (
        SELECT json_group_array(json(CASE
            WHEN value ->> 'waits' THEN json_object('id', value ->> 'id', 'mount', value ->> 'mount')
            WHEN value ->> '$.plan.end[0]' = 'failed' THEN json_remove(
                json_replace(value, '$.plan.end[0]', 'error'), '$.waits', '$.there')
            WHEN json_extract(value, '$.there') = 0 THEN json_remove(
                json_set(value, '$.empty', json('true')), '$.waits', '$.there')
            ELSE json_remove(value, '$.waits') END))
        FROM (SELECT value FROM json_each(attached) ORDER BY key))
    WHERE instr(attached, '"plan"') > 0
"""

_PROCESSES = """
    UPDATE computation SET asked = json_set(asked, '$.processes', (
        SELECT json_group_array(json(CASE
            WHEN json_array_length(value, '$.parameters') = 0 AND NOT value ->> 'public'
                THEN json_remove(value, '$.parameters', '$.public')
            WHEN json_array_length(value, '$.parameters') = 0 THEN json_remove(value, '$.parameters')
            WHEN NOT value ->> 'public' THEN json_remove(value, '$.public')
            ELSE value END))
        FROM (SELECT value FROM json_each(asked, '$.processes') ORDER BY key)))
    WHERE instr(asked, '"processes":[{') > 0
"""

SEARCH_INDEX: tuple[str, ...] = (
    "CREATE TABLE stale (id VARCHAR NOT NULL PRIMARY KEY) WITHOUT ROWID",
    "CREATE TABLE moves (count INTEGER NOT NULL)",
    "INSERT INTO moves VALUES (0)",
    "CREATE VIRTUAL TABLE term USING fts5 (terms, content='', columnsize=0, detail=none, tokenize='ascii')",
    *_triggers(),
)
"""The full text index, which entries have to be made anew, and how often some were given other numbers."""

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
    (
        "DROP INDEX ix_capsule_name",
        "DROP INDEX ix_dataasset_created",
        """CREATE TABLE entry (doc INTEGER NOT NULL, id VARCHAR NOT NULL, kind VARCHAR NOT NULL, created INTEGER
                NOT NULL, name VARCHAR NOT NULL, type VARCHAR, size INTEGER, last_accessed INTEGER,
                folded_name VARCHAR NOT NULL,
                name_words VARCHAR NOT NULL, tags_words VARCHAR NOT NULL, description_words VARCHAR NOT NULL,
                more_words VARCHAR NOT NULL, facets VARCHAR NOT NULL, numbers VARCHAR NOT NULL,
                PRIMARY KEY (doc), UNIQUE (id))""",
        "CREATE UNIQUE INDEX ix_entry_created ON entry (created, id)",
        *(
            f"CREATE INDEX ix_entry_{column} ON entry (kind, {column}, id) WHERE {column} IS NOT NULL"
            for column in ("name", "type", "size", "last_accessed")
        ),
        *SEARCH_INDEX,
        "INSERT INTO stale SELECT id FROM dataasset UNION SELECT id FROM capsule",
    ),
    # Searches find what was made from something: every data asset is entered anew.
    ("INSERT OR IGNORE INTO stale SELECT id FROM dataasset",),
    # Searches count by stretches, and look for what everyone sees under that alone: all entries are made anew.
    (
        "CREATE TABLE stretch (place INTEGER NOT NULL, mark INTEGER NOT NULL, PRIMARY KEY (place))",
        "INSERT OR IGNORE INTO stale SELECT id FROM dataasset UNION SELECT id FROM capsule",
    ),
    # An attachment has a plan only when a scenario decided, processes leave out what they have not, and the files of a
    # run are what it shows: none of those that a stop or a scenario took away.
    (
        _ATTACHED,
        _PROCESSES,
        """UPDATE computation SET tree = '', own_tree = 0, log = iif(plan ->> '$.end[1]' = 'stopped', NULL, log)
            WHERE NOT plan ->> '$.end[3]' AND NOT cloud_workstation""",
    ),
    # Names have other words, and are found by beginnings of them. The terms of an entry are no longer those that it was
    # indexed with, so that they cannot be withdrawn one by one.
    (
        "DROP TABLE stretch",
        "CREATE TABLE block (number INTEGER NOT NULL, mark INTEGER NOT NULL, PRIMARY KEY (number))",
        "INSERT INTO term (term) VALUES ('delete-all')",
        "DELETE FROM entry",
        "INSERT OR IGNORE INTO stale SELECT id FROM dataasset UNION SELECT id FROM capsule",
    ),
    # Runs can be driven, files can lie beside the database, and the code of a capsule in a folder.
    (
        """CREATE TABLE driven (id VARCHAR NOT NULL, tail BLOB NOT NULL, runner VARCHAR, lease VARCHAR, lapses FLOAT,
                attempts INTEGER NOT NULL, retries INTEGER NOT NULL, PRIMARY KEY (id))""",
        "CREATE TABLE fileref (tree VARCHAR NOT NULL, sha256 VARCHAR NOT NULL, PRIMARY KEY (tree, sha256))",
        "CREATE INDEX ix_fileref_sha256 ON fileref (sha256)",
        "ALTER TABLE capsule ADD COLUMN folder VARCHAR",
    ),
    # Objects in S3 are behind data assets.
    (
        """CREATE TABLE objectjob (id VARCHAR NOT NULL, kind VARCHAR NOT NULL, work JSON NOT NULL,
                begun BOOLEAN NOT NULL, PRIMARY KEY (id))""",
    ),
    # Results of a capsule's runs can be templates.
    ("ALTER TABLE capsule ADD COLUMN templates JSON NOT NULL DEFAULT '{}'",),
)
"""From version 1 to 2, and so on."""
