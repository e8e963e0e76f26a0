"""The search language and the tokens that continue a search."""

import base64
import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server.domain.search import (
    DOCUMENTED_FIELDS,
    MAX_TERMS,
    SERVED_FIELDS,
    Seal,
    Terms,
    decode_token,
    encode_token,
    parse,
)
from mock_server.errors import BadRequestError

sort_values = st.text() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4),
    max_leaves=6,
)
made_up_tokens = (
    st.text()
    | st.text(alphabet="ABCDabcd-_=+/", max_size=20)
    | st.binary(max_size=30).map(lambda raw: base64.urlsafe_b64encode(b"[" + raw).decode())
)
query_pieces = st.sampled_from(("name", "tag", "id", "Foo", ":", '"', " ", "x", "É", "\n", "_", "http://x"))


def token_of(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode()


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("", ()),
        ("  \t\n", ()),
        ("iris", ("iris",)),
        ("Iris  FLOWERS", ("iris", "flowers")),
        ('"two words" one', ("two words", "one")),
        ('"ÄÖ É"', ("äö é",)),
        ('"name:x"', ("name:x",)),
        ("http://example.com", ("http://example.com",)),
        ("note:Hello", ("note:hello",)),
        ("name:", ("name:",)),
        (":x", (":x",)),
        ("a:b:c", ("a:b:c",)),
    ],
)
def test_words(query: str, words: tuple[str, ...]) -> None:
    assert parse(query) == Terms(words)


@pytest.mark.parametrize(
    ("query", "fields"),
    [
        ("name:Iris", {"name": ("iris",)}),
        ("NAME:iris", {"name": ("iris",)}),
        ('name:"Two Words"', {"name": ("two words",)}),
        ("tag:a tag:B tag:c", {"tag": ("a", "b", "c")}),
        ("tag:a name:x tag:b", {"tag": ("a", "b"), "name": ("x",)}),
        ("name:a:b", {"name": ("a:b",)}),
    ],
)
def test_fields(query: str, fields: dict[str, tuple[str, ...]]) -> None:
    assert parse(query) == Terms((), fields)


def test_words_and_fields_mix() -> None:
    assert parse('red tag:"x y" name:n "green blue"') == Terms(("red", "green blue"), {"tag": ("x y",), "name": ("n",)})


@pytest.mark.parametrize("name", sorted(DOCUMENTED_FIELDS - SERVED_FIELDS))
def test_a_documented_field_that_is_not_served_is_refused(name: str) -> None:
    for query in (f"{name}:x", f'{name.upper()}:"x y"', f"tag:a {name}:x"):
        with pytest.raises(BadRequestError, match=f'"{name}" is not served'):
            parse(query)
    assert parse(name).words == (name,)


def test_a_query_may_have_many_terms_but_not_too_many() -> None:
    assert len(parse("x " * MAX_TERMS).words) == MAX_TERMS
    for query in ("x " * (MAX_TERMS + 1), "tag:x " * (MAX_TERMS + 1)):
        with pytest.raises(BadRequestError, match="more than 100 terms"):
            parse(query)


def test_a_long_query_is_parsed_at_once() -> None:
    for query in ("a" * 100_000, '"' * 199, "a:" * 50_000, "_" * 100_000 + " x"):
        parse(query)


@given(st.lists(query_pieces, max_size=30).map("".join) | st.text(max_size=50))
def test_any_query_parses_or_is_refused(query: str) -> None:
    try:
        terms = parse(query)
    except BadRequestError:
        return
    values = [*terms.words, *(value for values in terms.fields.values() for value in values)]
    assert len(values) <= MAX_TERMS
    assert set(terms.fields) <= SERVED_FIELDS
    assert values == [value.lower() for value in values]


def seal_of(search: str) -> Seal:
    return lambda text: hashlib.sha256(f"{search}\0{text}".encode("utf-8", "surrogatepass")).hexdigest()


@given(st.text(), sort_values, st.text())
def test_a_token_gives_back_what_it_was_made_of(search: str, value: str | float, key: str) -> None:
    token = encode_token((value, key), seal_of(search))
    assert token.isascii()
    assert decode_token(token, seal_of(search)) == (value, key)


@given(st.text(), st.text(), sort_values)
def test_a_token_of_another_search_is_refused(one: str, other: str, value: str | float) -> None:
    token = encode_token((value, "id"), seal_of(one))
    if one != other:
        with pytest.raises(BadRequestError):
            decode_token(token, seal_of(other))


@given(made_up_tokens | json_values.map(token_of))
def test_a_made_up_token_is_refused(token: str) -> None:
    for text in (token, f"{token}.", f"{token}.{'0' * 64}", f".{token}"):
        with pytest.raises(BadRequestError):
            decode_token(text, seal_of("search"))


def test_a_token_that_was_touched_is_refused() -> None:
    seal = seal_of("search")
    token = encode_token((1.5, "id"), seal)
    for touched in (f"{token}=", f" {token}", f"{token}\n", token[:-1], token[1:], f"{token}é", token.upper()):
        with pytest.raises(BadRequestError):
            decode_token(touched, seal)
