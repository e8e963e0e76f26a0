"""Numbers as cells of a tree, so that a range of them is a few terms of an index.

The order of the 32 highest bits of a double, read as an integer, is the order of the numbers; they distinguish what
differs by a millionth. A cell is such bits without the last 0, 4, 8 … of them: each number lies in one cell of every
size, and every range consists of at most 15 cells of each size at each end.
"""

import struct
from collections.abc import Iterator

Cell = tuple[int, int]
"""How many bits are dropped, and the remaining bits."""

BITS = 32
STEP = 4
_SIGN = 1 << 63
_ALL = (1 << 64) - 1


def cells_of(number: float) -> Iterator[Cell]:
    """The cells that a number lies in, one of each size."""
    bits = _bits(number)
    return ((shift, bits >> shift) for shift in range(0, BITS, STEP))


def cover(low: float, high: float) -> Iterator[Cell]:
    """Cells that contain all numbers from `low` to `high`, ends included, and few others close to the ends."""
    first, last = _bits(low), _bits(high)
    for shift in range(0, BITS, STEP):
        largest = shift + STEP == BITS
        while first <= last and (largest or first % (1 << STEP)):
            yield shift, first
            first += 1
        while first <= last and (last + 1) % (1 << STEP):
            yield shift, last
            last -= 1
        if first > last:
            return
        first, last = first >> STEP, last >> STEP


def _bits(number: float) -> int:
    (bits,) = struct.unpack(">Q", struct.pack(">d", number + 0.0))
    # Negative numbers count backwards, and stand before the others.
    ordered = bits ^ _ALL if bits & _SIGN else bits | _SIGN
    return int(ordered >> (64 - BITS))
