"""What is wrong with an input, in the words of whoever wrote it: pydantic's errors without pydantic's language."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from mock_server.input_errors.numbers import plain

NOUNS = {
    "bool": "true or false",
    "date": "a date such as 2026-11-24",
    "datetime": "a time such as 2026-11-24T12:00:00Z",
    "dict": "a mapping",
    "float": "a number",
    "int": "a whole number",
    "list": "a list",
    "mapping": "a mapping",
    "model": "a mapping",
    "string": "text",
    "tuple": "a list",
}
"""What is expected, by what pydantic's type of the error begins with."""

WRONG_TYPE = re.compile(rf"({'|'.join(NOUNS)})_(.*_)?(type|parsing|size|float|inexact)")

GIVEN = {dict: "a mapping", float: "a number", int: "a number", list: "a list", str: "text", type(None): "nothing"}
"""What a value is called, by its type."""

LIMITS = {
    "finite_number": "must be a finite number",
    "greater_than": "must be more than {gt}",
    "greater_than_equal": "must be at least {ge}",
    "json_invalid": "is not valid JSON: {error}",
    "less_than": "must be less than {lt}",
    "less_than_equal": "must be at most {le}",
    "missing": "is missing",
    "none_required": "must be left out",
    "string_too_long": "must have at most {max_length} characters",
    "string_too_short": "must have at least {min_length} characters",
    "too_long": "must have at most {max_length} entries",
    "too_short": "must have at least {min_length} entries",
    "union_tag_invalid": "must be one of {expected_tags}",
    "union_tag_not_found": "must have the field {discriminator}",
}
"""What is said by the type of the error, with the values of its context."""

LONGEST = 40
"""How many characters of a value are repeated."""

_pattern_words = {r"^[^\x00]*$": "must not contain NUL characters"}


def patterned(pattern: str, words: str) -> str:
    """Return `pattern`; text that does not match it is refused with these words, such as "must be 7 digits"."""
    _pattern_words[pattern] = words
    return pattern


def in_words(error: Mapping[str, Any], known: Iterable[str] = ()) -> str:
    """Return what an error of pydantic says. The one of the `known` fields that resembles an unknown one is named."""
    kind, context = error["type"], error.get("ctx", {})
    if kind == "extra_forbidden":
        name = str(error["loc"][-1])
        return f"unknown field `{name}`{suggestion(name, known, '`')}"
    if kind == "string_pattern_mismatch":
        return _pattern_words.get(context["pattern"], f"must match {context['pattern']}")
    if kind in ("literal_error", "enum"):
        return _choice(context["expected"], error.get("input"))
    if kind == "string_too_short" and context["min_length"] == 1:
        return "must not be empty"
    if kind in LIMITS:
        return limited(LIMITS[kind], context)
    wrong_type = WRONG_TYPE.fullmatch(kind)
    if wrong_type:
        return f"must be {NOUNS[wrong_type[1]]}{_given(error)}"
    return _plain(str(error["msg"]))


def limited(words: str, context: Mapping[str, Any]) -> str:
    """Return `words` with the limits of an error's context, numbers as people write them."""
    numbers = {name: plain(value) for name, value in context.items() if isinstance(value, int | float)}
    return words.format(**{**context, **numbers})


def with_place(error: Mapping[str, Any]) -> str:
    """Return what an error of pydantic says, behind the path of the field unless it is about the whole."""
    place = ".".join(map(str, error["loc"]))
    return f"{place}: {in_words(error)}" if place else in_words(error)


def suggestion(word: str, words: Iterable[str], quote: str = "'") -> str:
    """Return what to add to a complaint about a `word`: which of `words` may have been meant, if any."""
    from difflib import get_close_matches

    close = get_close_matches(word, list(words), 1)
    return f"; did you mean {quote}{close[0]}{quote}?" if close else ""


def _plain(message: str) -> str:
    """Return the message of a validator of ours, or one of pydantic's that has no words here."""
    own = message.removeprefix("Value error, ")
    return own if own != message else message[:1].lower() + message[1:]


def _choice(expected: str, given: Any) -> str:
    close = suggestion(given, re.findall(r"'([^']*)'", expected)) if isinstance(given, str) else ""
    return f"must be {expected}{close}"


def _given(error: Mapping[str, Any]) -> str:
    """Return what was there instead, as far as that helps."""
    if "input" not in error:
        return ""
    given = error["input"]
    if isinstance(given, bool):
        return f", not {str(given).lower()}"
    if isinstance(given, str) and len(given) <= LONGEST and given.isprintable():
        return f', not "{given}"'
    if error["type"] == "int_from_float":
        return f", not {given}"
    name = GIVEN.get(type(given))
    return f", not {name}" if name else ""
