"""The difference of two texts, line by line: the fewest lines that are taken out and put in, in bounded time.

The algorithm is Myers' (An O(ND) Difference Algorithm and Its Variations, 1986), with an end: texts that differ in more
lines than asked for have no difference that anybody would read.
"""

from typing import Literal, NamedTuple

CONTEXT = 3
"""How many lines that are the same stand around those that differ."""


class Line(NamedTuple):
    """A line of a unified difference: of both texts, of the old or of the new one alone, or the head of a part."""

    kind: Literal["same", "removed", "added", "head"]
    text: str


def unified(old: list[str], new: list[str], most: int) -> list[Line] | None:
    """The parts of two texts that differ, with lines around them; None when more than `most` lines differ."""
    lines = _lines(old, new, most)
    if lines is None:
        return None
    changed = [number for number, line in enumerate(lines) if line.kind != "same"]
    parts: list[tuple[int, int]] = []
    for number in changed:
        start, stop = max(0, number - CONTEXT), min(len(lines), number + CONTEXT + 1)
        if parts and start <= parts[-1][1]:
            parts[-1] = (parts[-1][0], stop)
        else:
            parts.append((start, stop))
    found: list[Line] = []
    for start, stop in parts:
        found += [_head(lines, start, stop), *lines[start:stop]]
    return found


def _head(lines: list[Line], start: int, stop: int) -> Line:
    """Where a part stands in both texts, as `diff -u` writes it."""
    spans = []
    for other in ("added", "removed"):
        before = sum(line.kind != other for line in lines[:start])
        many = sum(line.kind != other for line in lines[start:stop])
        spans.append(f"{before + (many > 0)},{many}")
    return Line("head", f"@@ -{spans[0]} +{spans[1]} @@")


def _lines(old: list[str], new: list[str], most: int) -> list[Line] | None:
    """All lines of both texts."""
    shorter = min(len(old), len(new))
    first = next((number for number in range(shorter) if old[number] != new[number]), shorter)
    rest = shorter - first
    last = next((number for number in range(rest) if old[-1 - number] != new[-1 - number]), rest)
    middle = _edits(old[first : len(old) - last], new[first : len(new) - last], most)
    if middle is None:
        return None
    same = [Line("same", text) for text in old]
    return [*same[:first], *middle, *same[len(old) - last :]]


def _edits(old: list[str], new: list[str], most: int) -> list[Line] | None:
    """The lines of both texts in order. `reached[k]` is how far into `old` one comes on the diagonal `k`, where `k`
    lines more have been taken out than put in; `trace` keeps it for each number of edits.
    """
    reached = {1: 0}
    trace: list[dict[int, int]] = []
    for edits in range(min(most, len(old) + len(new)) + 1):
        trace.append(reached.copy())
        for k in range(-edits, edits + 1, 2):
            at = reached[k + 1] if _goes_down(reached, k, edits) else reached[k - 1] + 1
            while at < len(old) and 0 <= at - k < len(new) and old[at] == new[at - k]:
                at += 1
            reached[k] = at
            if at >= len(old) and at - k >= len(new):
                return _followed(old, new, trace)
    return None


def _goes_down(reached: dict[int, int], k: int, edits: int) -> bool:
    """Whether the way to a diagonal puts a line in, rather than taking one out."""
    return k == -edits or (k != edits and reached[k - 1] < reached[k + 1])


def _followed(old: list[str], new: list[str], trace: list[dict[int, int]]) -> list[Line]:
    """The way that the trace has found, from its end back to its beginning."""
    found: list[Line] = []
    x, y = len(old), len(new)
    for edits in range(len(trace) - 1, -1, -1):
        k = x - y
        down = _goes_down(trace[edits], k, edits)
        before = k + 1 if down else k - 1
        to_x = trace[edits][before] if edits else 0
        to_y = to_x - before if edits else 0
        while x > to_x and y > to_y:
            x, y = x - 1, y - 1
            found.append(Line("same", old[x]))
        if edits:
            found.append(Line("added", new[to_y]) if down else Line("removed", old[to_x]))
        x, y = to_x, to_y
    return found[::-1]
