"""Differences of texts: nothing of either is lost, none is longer than it has to be, and none takes long."""

import difflib
import random
from functools import partial

import pytest

from mock_server.services.dashboard.line_diff import unified
from tests.processor import seconds


def written(old: list[str], new: list[str]) -> list[str]:
    """The difference as `diff -u` writes it."""
    signs = {"same": " ", "removed": "-", "added": "+", "head": ""}
    lines = unified(old, new, 1000)
    assert lines is not None
    return [signs[line.kind] + line.text for line in lines]


def patched(old: list[str], lines: list[str]) -> list[str]:
    """The old text with a unified difference applied."""
    found: list[str] = []
    at = 0
    for line in lines:
        if line.startswith("@@"):
            start, _, many = line.split()[1].removeprefix("-").partition(",")
            first = int(start) - (int(many) > 0)
            found, at = found + old[at:first], first
        elif line[0] == "+":
            found.append(line[1:])
        else:
            assert old[at] == line[1:]
            at += 1
            found += [line[1:]] if line[0] == " " else []
    return found + old[at:]


@pytest.mark.parametrize("number", range(300))
def test_any_two_texts(number: int) -> None:
    draws = random.Random(number)
    old, new = ([draws.choice("abcd") for _ in range(draws.randrange(40))] for _ in range(2))
    lines = written(old, new)
    assert patched(old, lines) == new
    theirs = [line for line in difflib.unified_diff(old, new, lineterm="") if line[:3] not in ("---", "+++")]
    assert sum(line[0] in "+-" for line in lines) <= sum(line[0] in "+-" for line in theirs)


def test_it_reads_as_diff_writes_it() -> None:
    old = [str(number) for number in range(30)]
    new = [*old[:10], "in", *old[10:20], *old[21:]]
    expected = [line for line in difflib.unified_diff(old, new, lineterm="") if line[:3] not in ("---", "+++")]
    assert written(old, new) == expected
    assert unified(old, old, 0) == []


def test_texts_that_differ_too_much_have_none_and_that_is_found_out_quickly() -> None:
    for old, new in ((["x", "y"] * 1000, ["x"] * 1000 + ["y"] * 1000), (["a"] * 2000, ["b"] * 2000)):
        assert unified(old, new, 300) is None
        assert seconds(partial(unified, old, new, 300)) < 2
