"""Paths: cleaned, taken apart and put together."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server.domain.paths import MAX_PATH, clean, join, relative_to
from mock_server.errors import BadRequestError

parts = st.sampled_from(("", ".", "..", "...", "a", "ab", "é", "..a", "a ", " ", "\\", "%2e%2e"))
rough = st.lists(parts, max_size=8).map("/".join) | st.text(max_size=30)
neat = st.lists(st.sampled_from(("a", "ab", "b", "...", "é")), max_size=4).map("/".join)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("", ""),
        ("/", ""),
        (".", ""),
        ("./", ""),
        ("a", "a"),
        ("/a/b/", "a/b"),
        ("a//b///c", "a/b/c"),
        ("./a/./b/.", "a/b"),
        ("a/...", "a/..."),
        ("..a/b..", "..a/b.."),
        (" /a b", " /a b"),
        ("a\\..\\b", "a\\..\\b"),
    ],
)
def test_clean(path: str, expected: str) -> None:
    assert clean(path) == expected


@pytest.mark.parametrize("path", ["..", "../a", "a/..", "a/../b", "/..", "./..", "a/b/../../.."])
def test_climbing_is_refused(path: str) -> None:
    with pytest.raises(BadRequestError, match="climbs"):
        clean(path)


@pytest.mark.parametrize("path", ["\0", "a/\0/b", "a\0"])
def test_nul_is_refused(path: str) -> None:
    with pytest.raises(BadRequestError, match="NUL"):
        clean(path)


def test_a_path_may_be_long_but_not_too_long() -> None:
    assert clean("a" * MAX_PATH) == "a" * MAX_PATH
    with pytest.raises(BadRequestError, match="longer than 4096"):
        clean("a" * (MAX_PATH + 1))


@given(rough)
def test_a_clean_path_stays_as_it_is_and_inside(path: str) -> None:
    try:
        cleaned = clean(path)
    except BadRequestError:
        assert ".." in path.split("/") or "\0" in path
        return
    assert clean(cleaned) == cleaned
    assert not cleaned.startswith("/")
    assert not cleaned.endswith("/")
    assert cleaned == "" or not {"", ".", ".."} & set(cleaned.split("/"))
    assert ".." not in path.split("/")


@pytest.mark.parametrize(
    ("path", "folder", "expected"),
    [
        ("a/b", "", "a/b"),
        ("", "", ""),
        ("a", "a", ""),
        ("a/b/c", "a", "b/c"),
        ("a/b/c", "a/b", "c"),
        ("ab", "a", None),
        ("a", "a/b", None),
        ("", "a", None),
        ("b/a", "a", None),
    ],
)
def test_relative_to(path: str, folder: str, expected: str | None) -> None:
    assert relative_to(path, folder) == expected


@pytest.mark.parametrize(
    ("folder", "path", "expected"),
    [("", "", ""), ("a", "", "a"), ("", "b", "b"), ("a", "b", "a/b"), ("a/b", "c/d", "a/b/c/d")],
)
def test_join(folder: str, path: str, expected: str) -> None:
    assert join(folder, path) == expected


@given(neat, neat)
def test_what_was_joined_comes_apart(folder: str, path: str) -> None:
    joined = join(folder, path)
    assert clean(joined) == joined
    assert relative_to(joined, folder) == path


@given(neat, neat)
def test_only_what_is_inside_is_relative(path: str, folder: str) -> None:
    inside = relative_to(path, folder)
    above = folder.split("/") if folder else []
    assert (inside is not None) == ((path.split("/") if path else [])[: len(above)] == above)
    assert inside is None or join(folder, inside) == path
