"""The result files of two runs beside each other: which are the same, which differ, and in what."""

from collections.abc import Iterator
from itertools import islice
from typing import Literal, NamedTuple

from mock_server.domain.access import Caller
from mock_server.domain.content import Content, InBucket
from mock_server.domain.files import FileTree
from mock_server.services import access, computations
from mock_server.world import World

MOST_FILES = 1000
"""How many files of each run are looked at."""

MOST_BYTES = 4 * 1024 * 1024
"""How many bytes are read of files that can only be told apart by reading them, in all."""

Verdict = Literal["differs", "only in the first", "only in the second", "not compared", "same"]


class FilePair(NamedTuple):
    """A file of one run or both: its sizes in bytes, None where it is not there, and whether it is the same."""

    path: str
    first: int | None
    second: int | None
    verdict: Verdict


class ComparedFiles(NamedTuple):
    """The files of two runs, those that differ first; `cut` when not all were looked at."""

    pairs: list[FilePair]
    cut: bool


def results(world: World, caller: Caller, first_id: str, second_id: str) -> ComparedFiles:
    """Compare the result files of two runs."""
    trees = [computations.results(world, access.computation(world, caller, key)) for key in (first_id, second_id)]
    first, second = (dict(islice(tree.walk(), MOST_FILES)) for tree in trees)
    cut = any(tree.files > MOST_FILES for tree in trees)
    return ComparedFiles(sorted(_pairs(first, second, trees), key=_differing_first), cut)


def _pairs(first: dict[str, Content], second: dict[str, Content], trees: list[FileTree]) -> Iterator[FilePair]:
    left = MOST_BYTES
    for path in sorted({*first, *second}):
        # What lies beyond the files that were looked at may still be there.
        one, other = first.get(path) or trees[0].find(path), second.get(path) or trees[1].find(path)
        if one is None or other is None:
            yield FilePair(path, _size(one), _size(other), "only in the second" if one is None else "only in the first")
            continue
        verdict = _by_what_is_known(one, other)
        if verdict is None and one.size <= left:
            left -= one.size
            verdict = "same" if _bytes(one) == _bytes(other) else "differs"
        yield FilePair(path, one.size, other.size, verdict or "not compared")


def _by_what_is_known(one: Content, other: Content) -> Verdict | None:
    """Whether two files are the same, as far as that is known without reading them."""
    if one == other:
        return "same"
    if one.size != other.size:
        return "differs"
    return "not compared" if isinstance(one, InBucket) or isinstance(other, InBucket) else None


def _bytes(content: Content) -> bytes:
    return b"".join(content.read(0, content.size))


def _size(content: Content | None) -> int | None:
    return None if content is None else content.size


def _differing_first(pair: FilePair) -> tuple[bool, str]:
    return pair.verdict == "same", pair.path
