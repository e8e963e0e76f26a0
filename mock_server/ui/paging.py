"""A list that is cut into pages."""

from collections.abc import Sequence
from typing import NamedTuple, TypeVar

Item = TypeVar("Item")


class Part(NamedTuple):
    """The items of one page of a list of `total`, numbered from `first` to `last`, counted from 1."""

    items: Sequence[object]
    page: int
    first: int
    last: int
    total: int

    @property
    def more(self) -> bool:
        """Whether there is a page after this one."""
        return self.last < self.total


def part(items: Sequence[Item], page: int, at_once: int) -> Part:
    """The page of that number, from 0; the last one when there are not so many."""
    page = min(page, max(0, len(items) - 1) // at_once)
    start = page * at_once
    cut = items[start : start + at_once]
    return Part(cut, page, start + 1, start + len(cut), len(items))
