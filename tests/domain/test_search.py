"""The search language."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server.domain.search.query import (
    CAPSULE_FIELDS,
    DATA_ASSET_FIELDS,
    FIELDS,
    MAX_TERMS,
    Query,
    Term,
    check,
    parse,
)
from mock_server.errors import BadRequestError

pieces = st.sampled_from(
    ("name", "tag", "id", "Foo", "NAME", ":", '"', '""', " ", "x", "É", "\n", "_", "http://x", "(", "OR", "*", "\\")
)
queries = st.lists(pieces, max_size=30).map("".join) | st.text(max_size=50)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("", ()),
        ("  \t\n", ()),
        ("iris", ("iris",)),
        ("Iris  FLOWERS", ("Iris", "FLOWERS")),
        ('"two words" one', ("two words", "one")),
        ('"name:x"', ("name:x",)),
        ("http://example.com", ("http://example.com",)),
        ("note:Hello", ("note:Hello",)),
        ('note:"a b"', ("note:a b",)),
        ("note: x", ("note:", "x")),
        (":x", (":x",)),
        ("a:b:c", ("a:b:c",)),
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


@given(queries)
def test_every_text_is_a_query_and_a_printed_one_is_the_same_query(text: str) -> None:
    query = parse(text)
    assert parse(str(query)) == query
    assert set(query.fields) <= FIELDS


@given(queries)
def test_no_sign_of_a_text_is_lost(text: str) -> None:
    def signs(of: str) -> list[str]:
        return sorted(of.replace('"', "").replace(":", "").casefold().split())

    assert sorted("".join(signs(str(parse(text))))) == sorted("".join(signs(text)))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name:", 'the search field "name" has no value'),
        ('tag:" "', 'the search field "tag" has no value'),
        ('a ""', "a pair of quotes in the query has no value"),
        ("doi:10.1/x", 'data assets have no search field "doi"; they have name, tag, run_script, commit_id'),
        ("x " * (MAX_TERMS + 1), "query has more than 100 terms"),
        ("tag:x " * (MAX_TERMS + 1), "query has more than 100 terms"),
    ],
)
def test_what_says_nothing_clear_is_refused(text: str, message: str) -> None:
    with pytest.raises(BadRequestError, match=message):
        check(parse(text), DATA_ASSET_FIELDS, "data assets")


def test_each_kind_has_its_own_fields() -> None:
    for field in DATA_ASSET_FIELDS:
        check(parse(f"{field}:x"), DATA_ASSET_FIELDS, "data assets")
    for field in CAPSULE_FIELDS:
        check(parse(f"{field}:x"), CAPSULE_FIELDS, "capsules and pipelines")
    for field in ("run_script", "commit_id", "contained_data_id"):
        with pytest.raises(BadRequestError, match=f'no search field "{field}"'):
            check(parse(f"{field}:x"), CAPSULE_FIELDS, "capsules and pipelines")


def test_a_long_query_is_parsed_at_once() -> None:
    for text in ("a" * 100_000, '"' * 199, "a:" * 50_000, "_" * 100_000 + " x", "name:" * 20_000):
        assert parse(str(parse(text))) == parse(text)
