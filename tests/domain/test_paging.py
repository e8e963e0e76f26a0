"""The tokens that continue a search."""

import base64
import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server.domain.search.pagination import Seal, decode_token, encode_token
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


def token_of(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode()


def seal_of(search: str) -> Seal:
    return lambda text: hashlib.sha256(f"{search}\0{text}".encode("utf-8", "surrogatepass")).hexdigest()


@given(st.text(), sort_values, st.text())
def test_a_token_gives_back_what_it_was_made_of(search: str, value: str | float, key: str) -> None:
    token = encode_token([value, key], seal_of(search))
    assert token.isascii()
    assert decode_token(token, seal_of(search)) == [value, key]


@given(st.text(), st.text(), sort_values)
def test_a_token_of_another_search_is_refused(one: str, other: str, value: str | float) -> None:
    token = encode_token([value, "id"], seal_of(one))
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
    token = encode_token([1.5, "id"], seal)
    for touched in (f"{token}=", f" {token}", f"{token}\n", token[:-1], token[1:], f"{token}é", token.upper()):
        with pytest.raises(BadRequestError):
            decode_token(touched, seal)
