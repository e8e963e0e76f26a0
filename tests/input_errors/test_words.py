"""What is wrong with an input is said in the words of whoever wrote it, and never in pydantic's."""

from datetime import date
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from mock_server.input_errors.numbers import plain
from mock_server.input_errors.paths import messages_by_path
from mock_server.input_errors.words import in_words, patterned, suggestion


class Thing(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(min_length=1)] = "x"
    size: int | float = 0
    parts: "list[Thing] | dict[str, Thing]" = []


class Circle(BaseModel):
    shape: Literal["circle"]


class Square(BaseModel):
    shape: Literal["square"]


def said(kind: Any, content: Any) -> str:
    with pytest.raises(ValidationError) as failure:
        TypeAdapter(kind).validate_python(content)
    return in_words(failure.value.errors()[0])


@pytest.mark.parametrize(
    ("kind", "content", "words"),
    [
        (str, 1234567, "must be text, not a number"),
        (str, True, "must be text, not true"),
        (str, None, "must be text, not nothing"),
        (int, "x", 'must be a whole number, not "x"'),
        (int, 1.5, "must be a whole number, not 1.5"),
        (int, "9" * 41 + "x", "must be a whole number, not text"),
        (int, date(2026, 11, 24), "must be a whole number"),
        (bool, "perhaps", 'must be true or false, not "perhaps"'),
        (list[int], {}, "must be a list, not a mapping"),
        (Thing, [], "must be a mapping, not a list"),
        (dict[str, int], 1, "must be a mapping, not a number"),
        (date, "tomorrow", 'must be a date such as 2026-11-24, not "tomorrow"'),
        (Annotated[int, Field(ge=1)], 0, "must be at least 1"),
        (Annotated[float, Field(le=2)], 3, "must be at most 2"),
        (Annotated[int, Field(le=2**53)], 2**60, "must be at most 9007199254740992"),
        (Annotated[int, Field(lt=2**31)], 2**31, "must be less than 2147483648"),
        (Annotated[float, Field(le=1e15)], 1e16, "must be at most 1000000000000000"),
        (Annotated[float, Field(gt=0.1)], 0, "must be more than 0.1"),
        (Annotated[float, Field(ge=1234567.5)], 0, "must be at least 1234567.5"),
        (Annotated[str, Field(min_length=1)], "", "must not be empty"),
        (Annotated[str, Field(max_length=2)], "abc", "must have at most 2 characters"),
        (Annotated[list[int], Field(min_length=2)], [1], "must have at least 2 entries"),
        (Literal["wall", "frozen"], "frosen", "must be 'wall' or 'frozen'; did you mean 'frozen'?"),
        (Literal[1], 2, "must be 1"),
        (Annotated[Circle | Square, Field(discriminator="shape")], {}, "must have the field 'shape'"),
        (Annotated[Circle | Square, Field(discriminator="shape")], {"shape": 1}, "must be one of 'circle', 'square'"),
        (Annotated[str, Field(pattern=patterned("^[0-9]{7}$", "must be 7 digits"))], "12", "must be 7 digits"),
        (Annotated[str, Field(pattern=r"^[^\x00]*$")], "\x00", "must not contain NUL characters"),
        (Annotated[str, Field(pattern="^unnamed$")], "x", "must match ^unnamed$"),
    ],
)
def test_a_value_is_refused_in_plain_words(kind: Any, content: Any, words: str) -> None:
    assert said(kind, content) == words


@pytest.mark.parametrize(
    ("content", "path", "message"),
    [
        ({"sise": 1}, ("sise",), "unknown field `sise`; did you mean `size`?"),
        ({"parts": [{"nmae": "x"}]}, ("parts", 0, "nmae"), "unknown field `nmae`; did you mean `name`?"),
        ({"parts": {"a": {"nmae": "x"}}}, ("parts", "a", "nmae"), "unknown field `nmae`; did you mean `name`?"),
        ({"colour": 1}, ("colour",), "unknown field `colour`"),
        ({"size": "big"}, ("size",), 'must be a number, not "big"'),
    ],
)
def test_a_field_that_is_not_known_is_followed_by_the_one_that_was_meant(content: Any, path: Any, message: str) -> None:
    with pytest.raises(ValidationError) as failure:
        Thing.model_validate(content)
    assert messages_by_path(failure.value.errors(), content, Thing)[path] == message


@pytest.mark.parametrize(
    ("value", "words"),
    [(2**63, "9223372036854775808"), (-3.0, "-3"), (1e300, "1e+300"), (1e-07, "1e-07"), (float("inf"), "inf")],
)
def test_a_number_is_written_exactly(value: float, words: str) -> None:
    assert plain(value) == words


def test_a_value_that_is_kept_back_is_not_repeated() -> None:
    with pytest.raises(ValidationError) as failure:
        TypeAdapter(int).validate_python("secret")
    assert in_words(failure.value.errors(include_input=False)[0]) == "must be a whole number"


def test_only_what_resembles_a_word_is_suggested() -> None:
    assert suggestion("lst", ["list", "show"]) == "; did you mean 'list'?"
    assert suggestion("zzz", ["list", "show"]) == ""
