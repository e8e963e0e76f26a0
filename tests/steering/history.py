"""What clients did at the same time, and whether a single memory could have answered as they were answered.

Only what the order of calls tells is used: of two calls of which one had ended before the other began, the second must
see what the first did. Calls that overlap may have taken effect in either order.
"""

from bisect import bisect_left
from collections.abc import Hashable, Iterable, Iterator
from itertools import accumulate, pairwise
from typing import Any, NamedTuple


class Call(NamedTuple):
    """A call of a client: from when to when, what was asked of which object, what was sent, and the answer. `date` is
    the world's time that the answer bore, None when it bore none.
    """

    began: float
    ended: float
    action: str
    target: str | None
    sent: Any
    status: int
    answer: Any
    date: int | None = None


class Seen(NamedTuple):
    """A value that was written or read by a call."""

    began: float
    ended: float
    value: Any

    @classmethod
    def by(cls, call: Call, value: Any) -> "Seen":
        """What `call` wrote or read."""
        return cls(call.began, call.ended, value)


def falls(seen: Iterable[Seen]) -> Iterator[str]:
    """Values that were lower than one that had been seen by then, of something that only ever grows."""
    by_end = sorted(seen, key=lambda one: one.ended)
    ends = [one.ended for one in by_end]
    highest = list(accumulate((one.value for one in by_end), max))
    for one in by_end:
        before = bisect_left(ends, one.began)
        if before and highest[before - 1] > one.value:
            yield f"{one.value} was seen after {highest[before - 1]}"


def lost(writes: Iterable[Seen], reads: Iterable[Seen]) -> Iterator[str]:
    """Readings that no order of these writings explains. No two writings have the same value, and all took effect."""
    calls: dict[Hashable, list[Seen]] = {write.value: [write] for write in writes}
    for read in reads:
        if read.value not in calls:
            yield f"{read.value!r} was read, and nobody wrote it"
        elif read.ended < calls[read.value][0].began:
            yield f"{read.value!r} was read before it was written"
        else:
            calls[read.value].append(read)
    yield from _crossing(list(calls.values()))


def _crossing(values: list[list[Seen]]) -> Iterator[str]:
    """Values, each given as the calls that wrote or read it, of which one cannot have followed the other.

    A value's zone reaches from the end of its first call to the beginning of its last one: for all of that time it was
    the value. So no two such zones may overlap; and the calls of a value that all happened at once may not lie inside
    the zone of another (Gibbons and Korach, Testing shared memories, 1997).
    """
    zones = [Seen(min(one.ended for one in of), max(one.began for one in of), of[0].value) for of in values]
    lasting = sorted((zone for zone in zones if zone.began < zone.ended), key=lambda zone: zone.began)
    for one, two in pairwise(lasting):
        if two.began < one.ended:
            yield f"{one.value!r} and {two.value!r} took turns, though each was written once"
    for brief in (zone for zone in zones if zone.began >= zone.ended):
        if any(zone.began < brief.ended and brief.began < zone.ended for zone in lasting):
            yield f"{brief.value!r} was the value while another one stayed"


def stale(writes: list[Seen], reads: Iterable[Seen]) -> Iterator[str]:
    """Readings of a value whose writings had all been overwritten by then; here values may be written repeatedly."""
    for read in reads:
        before = [write for write in writes if write.began < read.ended]
        overwritten = max((write.began for write in before if write.ended < read.began), default=0.0)
        if not any(write.value == read.value and write.ended >= overwritten for write in before):
            yield f"{read.value!r} was read, and was not the value then"
