"""Seed files are written so that what reads them finds what was written, and people like to read them."""

import io
from typing import Any

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mock_server.documents import seed_file
from mock_server.documents.seed_writer import SeedWriter
from mock_server.yaml_lines import parse

TRICKY = ["", " ", "yes", "No", "~", "1e5", "0o7", "0x1F", "1_000", "1:30", "2026-03-01", "<<", "=", "a: b", "a #b",
    "-", "- a", "? a", "a:", "#a", "'a'", '"a"', "\\", "|", "%a", "@a", "`a", "!a", "&a", "*a", "{a", "a, b]", "a\tb",
    "\ta", " a", "a ", "a\n", "a\n\n", "\na", "a\n b\n", " a\nb", "a\n\tb", "a\r\nb", "a\n   \nb  ", "a\x85b",
    "a\u2028b", "\ufeffa", "\x00", "\x1b[0m", "\U0001f600", "é", "\U000e0001", "---", "...", "---\na", "a\n---\nb",
    "a\n# b", ".inf", "null", "a" * 5000, "a b " * 5000, "\n", "\n\n", "a\n\n\nb\n\n\n", "\xa0", "a\xa0", "١٢",
    "s3://bucket/a:b", "a\ufffeb",
]  # fmt: skip
TEXTS = st.one_of(
    st.sampled_from(TRICKY),
    st.text(max_size=20),
    st.text(alphabet="ab :#-?[]{},&*!|>'\"%@`\n\t\\0eE.+_", max_size=20),
)
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), TEXTS)
VALUES = st.recursive(
    SCALARS,
    lambda below: st.one_of(st.lists(below, max_size=5), st.dictionaries(TEXTS, below, max_size=5)),
    max_leaves=30,
)
FIELDS = st.dictionaries(TEXTS, VALUES, max_size=5)


def written(entries: list[dict[str, Any]], value: Any = 1, comment: tuple[str, ...] = ()) -> str:
    """The text of a file with a value and a list."""
    file = io.StringIO()
    writer = SeedWriter(file, comment)
    writer.value("version", value)
    writer.section("users")
    for fields in entries:
        writer.entry(fields, comment)
    writer.close()
    return file.getvalue()


@pytest.mark.slow
@given(st.lists(FIELDS, max_size=3), VALUES, st.lists(TEXTS, max_size=2).map(tuple))
@example([{text: text} for text in TRICKY], TRICKY, tuple(TRICKY))
@example([{text: [text, [text], {text: text}]} for text in TRICKY], {text: [text] for text in TRICKY}, ())
@settings(max_examples=400, deadline=None)
def test_all_that_json_can_say_is_read_as_it_was_written(
    entries: list[dict[str, Any]], value: Any, comment: tuple[str, ...]
) -> None:
    assert parse(written(entries, value, comment)).content == {"version": value, "users": entries}


@given(st.lists(st.dictionaries(TEXTS, TEXTS, max_size=5), max_size=3))
@example([{text: text} for text in TRICKY if text != "="])
@settings(max_examples=200, deadline=None)
def test_a_reader_of_an_older_yaml_finds_the_same_texts(entries: list[dict[str, Any]]) -> None:
    assert yaml.safe_load(written(entries)) == {"version": 1, "users": entries}


def test_it_looks_as_a_person_would_write_it() -> None:
    asset = {
        "id": "eeefcc52-b445-4e3c-80c5-0e65526cd712",
        "name": "Reads, trimmed: lane 2",
        "created": 1646687025,
        "tags": ["raw", "3.5", "yes"],
        "source_bucket": {"origin": "aws", "bucket": "open-data", "external": True},
        "files": [{"path": "a.csv", "text": "x,y\n1,2\n"}, {"path": "b.bin", "size": 10}, {"path": "c", "text": "d"}],
        "permissions": [],
        "description": "First line\nsecond line",
    }
    file = io.StringIO()
    writer = SeedWriter(file, ["A world.", "", "Two runs"])
    writer.value("version", 1)
    writer.section("data_assets")
    writer.entry(asset, ["from 3 runs"])
    writer.entry({"id": "b", "name": "other"})
    writer.section("computations")
    writer.close()
    assert (
        file.getvalue()
        == """\
# A world.
#
# Two runs
version: 1

data_assets:
  # from 3 runs
  - id: eeefcc52-b445-4e3c-80c5-0e65526cd712
    name: "Reads, trimmed: lane 2"
    created: 1646687025
    tags: [raw, "3.5", "yes"]
    source_bucket: {origin: aws, bucket: open-data, external: true}
    files:
      - path: a.csv
        text: |
          x,y
          1,2
      - {path: b.bin, size: 10}
      - {path: c, text: d}
    permissions: []
    description: |-
      First line
      second line

  - {id: b, name: other}
computations: []
"""
    )


@pytest.mark.parametrize("source", ["demo", "empty"])
def test_a_packaged_seed_that_is_written_is_the_same_seed(source: str) -> None:
    model = seed_file.read(source)
    file = io.StringIO()
    writer = SeedWriter(file)
    for name, value in model.model_dump(mode="json", exclude_defaults=True).items():
        if isinstance(value, list):
            writer.section(name)
            for fields in value:
                writer.entry(fields)
        else:
            writer.value(name, value)
    writer.close()
    assert seed_file.parse(file.getvalue(), "world.yaml").model == model
