"""Ways in which a database file is damaged, each of which a check can know."""

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

Damage = Callable[[Path], None]


def sql(path: Path, *statements: str) -> list[tuple[object, ...]]:
    """What the last of `statements` gives."""
    rows: list[tuple[object, ...]] = []
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for statement in statements:
            rows = connection.execute(statement).fetchall()
    return rows


def fold(path: Path) -> None:
    """Bring what is in the log into the file, so that it can be damaged there."""
    sql(path, "PRAGMA wal_checkpoint(TRUNCATE)")


def root_page(path: Path, name: str) -> tuple[int, int]:
    """Where the first page of a table or an index begins in the file, and how long it is."""
    [(number,)] = sql(path, f"SELECT rootpage FROM sqlite_schema WHERE name = '{name}'")
    [(size,)] = sql(path, "PRAGMA page_size")
    assert isinstance(number, int)
    assert isinstance(size, int)
    return (number - 1) * size, size


def write_at(path: Path, place: int, content: bytes) -> None:
    """Put `content` into the file as it stands on the disk."""
    with path.open("r+b") as file:
        file.seek(place)
        file.write(content)


def page_overwritten(path: Path) -> None:
    """One page of data assets."""
    place, size = root_page(path, "dataasset")
    write_at(path, place, b"\xa5" * size)


def bits_flipped(path: Path) -> None:
    """In the head of a page: what kind it is, how many cells it has."""
    place, _ = root_page(path, "computation")
    head = path.read_bytes()[place : place + 8]
    write_at(path, place, bytes(byte ^ 0x55 for byte in head))


def bits_flipped_in_an_index(path: Path) -> None:
    """A key of the index that finds capsules by their ids."""
    place, size = root_page(path, "sqlite_autoindex_capsule_1")
    page = path.read_bytes()[place : place + size]
    write_at(path, place + size - 20, bytes([page[-20] ^ 0x01]))


def bits_flipped_in_json(path: Path) -> None:
    """The beginning of a list."""
    place = path.read_bytes().index(b'["capsule:read"')
    write_at(path, place, b"\x7f")


def cut_between_pages(path: Path) -> None:
    """The last quarter."""
    _, size = root_page(path, "user")
    os.truncate(path, path.stat().st_size // size * 3 // 4 * size)


def table_dropped(path: Path) -> None:
    """Runs, which a start does not need."""
    sql(path, "DROP TABLE computation")


def index_dropped(path: Path) -> None:
    """Which only makes searches slow."""
    sql(path, "DROP INDEX ix_entry_created")


def text_in_place_of_a_number(path: Path) -> None:
    """SQLite keeps what is written, whatever the type of the column is."""
    sql(path, "UPDATE computation SET created = 'x'")


def list_in_place_of_an_object(path: Path) -> None:
    """JSON, but of another shape."""
    sql(path, "UPDATE world SET custom_metadata = '[]'")


def clock_without_a_time(path: Path) -> None:
    """Infinite."""
    sql(path, "UPDATE world SET clock_virtual = 9e999")


DAMAGES: dict[str, tuple[Damage, str]] = {
    "a page overwritten": (page_overwritten, "malformed"),
    "bits flipped": (bits_flipped, "malformed"),
    "bits flipped in an index": (bits_flipped_in_an_index, "missing from index sqlite_autoindex_capsule_1"),
    "bits flipped in JSON": (bits_flipped_in_json, "the column token.scopes holds what is not a JSON array"),
    "cut off between pages": (cut_between_pages, "malformed"),
    "a table dropped": (table_dropped, "the table computation is missing"),
    "text in place of a number": (text_in_place_of_a_number, "computation.created holds what is not a number"),
    "a list in place of an object": (list_in_place_of_an_object, "holds what is not a JSON object"),
    "a clock without a time": (clock_without_a_time, ""),
    "an index dropped": (index_dropped, "the index ix_entry_created is missing"),
}
