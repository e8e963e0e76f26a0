"""The search language."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server.domain.search import query as language
from mock_server.domain.search.query import CAPSULE_FIELDS, DATA_ASSET_FIELDS, MAX_TERMS, Query, Term, check
from mock_server.errors import BadRequestError

pieces = st.sampled_from(
    ("name", "tag", "id", "Foo", "NAME", ":", '"', '""', " ", "x", "É", "\n", "_", "http://x", "(", "OR", "*", "\\")
)
KINDS = (DATA_ASSET_FIELDS, CAPSULE_FIELDS)
queries = st.lists(pieces, max_size=30).map("".join) | st.text(max_size=50)


def parse(text: str, fields: tuple[str, ...] = DATA_ASSET_FIELDS) -> Query:
    return language.parse(text, fields)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("", ()),
        ("  \t\n", ()),
        ("iris", ("iris",)),
        ("Iris  FLOWERS", ("Iris", "FLOWERS")),
        ('"two words" one', ("two words", "one")),
        ('"name:x"', ("name:x",)),
        (":x", (":x",)),
        ("10:30", ("10:30",)),
        ('"never closed', ('"never', "closed")),
        ('a"b "c', ('a"b', '"c')),
        ('""', ("",)),
        ("a OR b*", ("a", "OR", "b*")),
    ],
)
def test_words_and_phrases(text: str, values: tuple[str, ...]) -> None:
    assert parse(text).free == values
    assert parse(text).fields == {}


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("name:Iris", {"name": ("Iris",)}),
        ("NAME:iris", {"name": ("iris",)}),
        ('name:"Two Words"', {"name": ("Two Words",)}),
        ("tag:a tag:B tag:c", {"tag": ("a", "B", "c")}),
        ("tag:a name:x tag:b", {"tag": ("a", "b"), "name": ("x",)}),
        ("name:a:b", {"name": ("a:b",)}),
        ("name:", {"name": ("",)}),
        ('name:""', {"name": ("",)}),
        ('name:"x', {"name": ('"x',)}),
    ],
)
def test_fields(text: str, fields: dict[str, tuple[str, ...]]) -> None:
    assert parse(text).fields == fields
    assert parse(text).free == ()


def test_a_field_without_a_value_does_not_take_the_next_word() -> None:
    assert parse("name: x") == Query((Term("name", "", False), Term(None, "x", False)))


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("subject id:668759", ("subject", "id", "668759")),
        ("subject id: 668759", ("subject", "id", "668759")),
        ("data level:raw", ("data", "level", "raw")),
        ('"subject id":668759', ("subject id", ":668759")),
        ("http://example.com", ("http", "//example.com")),
        ("note:Hello", ("note", "Hello")),
        ('note:"a b"', ("note", "a b")),
        ("note: x", ("note", "x")),
        ("note:", ("note",)),
        ('note:"" x', ("note", "x")),
        ("a:b:c", ("a", "b", "c")),
        ("größe:5", ("größe", "5")),
        ("run_\N{LATIN SMALL LETTER LONG S}cript:x", ("run_\N{LATIN SMALL LETTER LONG S}cript", "x")),
        *((f"{field}:x", (field, "x")) for field in CAPSULE_FIELDS if field not in DATA_ASSET_FIELDS),
    ],
)
def test_a_name_before_a_colon_that_is_not_a_field_is_a_word(text: str, values: tuple[str, ...]) -> None:
    query = parse(text)
    assert (query.free, query.fields) == (values, {})
    check(query)


@given(queries, st.sampled_from(KINDS))
def test_every_text_is_a_query_and_a_printed_one_is_the_same_query(text: str, fields: tuple[str, ...]) -> None:
    query = parse(text, fields)
    assert parse(str(query), fields) == query
    assert set(query.fields) <= set(fields)


@given(queries)
def test_no_character_of_a_text_is_lost(text: str) -> None:
    def characters(of: str) -> list[str]:
        return sorted(of.replace('"', "").replace(":", "").casefold().split())

    assert sorted("".join(characters(str(parse(text))))) == sorted("".join(characters(text)))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name:", 'the search field "name" has no value'),
        ('tag:" "', 'the search field "tag" has no value'),
        ('a ""', "a pair of quotes in the query has no value"),
        ("x " * (MAX_TERMS + 1), "query has more than 100 terms"),
        ("tag:x " * (MAX_TERMS + 1), "query has more than 100 terms"),
    ],
)
def test_what_says_nothing_clear_is_refused(text: str, message: str) -> None:
    with pytest.raises(BadRequestError, match=message):
        check(parse(text))


@pytest.mark.parametrize("fields", KINDS)
def test_each_kind_has_its_own_fields(fields: tuple[str, ...]) -> None:
    for field in {*DATA_ASSET_FIELDS, *CAPSULE_FIELDS}:
        expected = ({field: ("x",)}, ()) if field in fields else ({}, (field, "x"))
        query = parse(f"{field.upper()}:x", fields)
        assert (query.fields, tuple(map(str.lower, query.free))) == expected


def test_a_long_query_is_parsed_at_once() -> None:
    for text in ("a" * 100_000, '"' * 199, "a:" * 50_000, "_" * 100_000 + " x", "name:" * 20_000):
        assert parse(str(parse(text))) == parse(text)
