"""A set of ids that takes a few bytes for each."""

from array import array
from hashlib import blake2b

LEAST = 1024
BYTES = 8


class IdSet:
    """Which ids were there before. It keeps a hash of 64 bits for each, in a table of open addresses: a million takes
    some 20 MB, where a `set` of texts takes 130, and among them two are confused once in 30 million times.
    """

    def __init__(self) -> None:
        self._slots = array("Q", bytes(BYTES * LEAST))
        self._used = 0

    def add(self, *parts: str) -> bool:
        """Remember the id that `parts` make; tell whether it is new."""
        mark = _mark(parts)
        at = self._place(mark)
        if self._slots[at] == mark:
            return False
        self._slots[at] = mark
        self._used += 1
        if 3 * self._used > 2 * len(self._slots):
            self._grow()
        return True

    def __contains__(self, parts: tuple[str, ...]) -> bool:
        mark = _mark(parts)
        return self._slots[self._place(mark)] == mark

    def _place(self, mark: int) -> int:
        """Where a mark is, or would be."""
        slots = self._slots
        at = mark % len(slots)
        while slots[at] not in (0, mark):
            at = (at + 1) % len(slots)
        return at

    def _grow(self) -> None:
        marks = self._slots
        self._slots = array("Q", bytes(2 * BYTES * len(marks)))
        for mark in marks:
            if mark:
                self._slots[self._place(mark)] = mark


def _mark(parts: tuple[str, ...]) -> int:
    return int.from_bytes(blake2b("\0".join(parts).encode(), digest_size=BYTES).digest(), "big") or 1
