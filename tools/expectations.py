"""What programs that are held against the fake expect of its answers. Plain Python, for any environment."""

from typing import Any


def same(actual: Any, expected: Any, of: str = "answer") -> None:
    """Hold a value against what it has to be."""
    assert actual == expected, f"{of}: {actual!r} instead of {expected!r}"


def shows(actual: Any, **expected: Any) -> None:
    """Hold an answer against the fields that it has to have."""
    for name, value in expected.items():
        same(actual[name], value, name)


def one_of(actual: Any, expected: set[Any]) -> None:
    """Hold a value against those it may be."""
    assert actual in expected, f"{actual!r} is none of {sorted(expected)}"


def includes(actual: Any, *expected: Any) -> None:
    """Hold a list or a text against what has to be in it."""
    for value in expected:
        assert value in actual, f"{value!r} is not in {actual!r}"
