"""The journal: the newest requests of a world, kept raw so that keeping one costs next to nothing."""

import asyncio
from collections import deque
from collections.abc import Sequence
from itertools import count, islice
from typing import NamedTuple, Protocol

from mock_server.domain.access import Caller

KEPT_BYTES = 16 * 1024
"""How much of a body is kept."""

NO_ANSWER = 0
"""The status of a request that was not answered: the connection was closed instead."""

Headers = Sequence[tuple[bytes, bytes]]


class Called(Protocol):
    """The operation that a request was for."""

    name: str

    def unknown_fields(self, query: bytes, body: bytes) -> list[str]:
        """The fields of a request that the operation does not read."""
        ...


class Record(NamedTuple):
    """One request as it came and was answered. `time` is the world's, `real` and `took` are real seconds; `keys` are
    the ids in its path.

    `status` is what the client was answered, `outcome` what the operation had answered, None when it was not reached;
    the two differ when the fault called `fault` took the answer's place.
    """

    time: float
    real: float
    took: float
    method: str
    path: bytes
    query: bytes
    headers: Headers
    body: bytes
    operation: Called | None
    keys: tuple[str, ...]
    caller: Caller | None
    status: int
    outcome: int | None
    fault: str | None
    answer: bytes
    answer_headers: Headers


class Journal:
    """A ring of requests in the order in which they were answered, numbered from 1. A `size` of 0 keeps none."""

    def __init__(self, size: int) -> None:
        self._records: deque[Record] = deque(maxlen=size)
        self._waiting: list[asyncio.Future[None]] = []
        self.last = 0

    @property
    def keeps(self) -> bool:
        """Whether it keeps anything."""
        return self._records.maxlen != 0

    @property
    def dropped(self) -> int:
        """How many requests have fallen out of the ring."""
        return self.last - len(self._records)

    def note(self, record: Record) -> None:
        """Keep a request."""
        self._records.append(record)
        self.last += 1
        if self._waiting:
            self._wake()

    def records(self, after: int = 0) -> list[tuple[int, Record]]:
        """The requests that are kept, with their numbers, those with a number above `after`."""
        many = min(len(self._records), max(0, self.last - after))
        return list(zip(count(self.last, -1), islice(reversed(self._records), many), strict=False))[::-1]

    def clear(self) -> None:
        """Forget all requests, and count from 1 again."""
        self._records.clear()
        self.last = 0
        self._wake()

    def changed(self) -> "asyncio.Future[None]":
        """Done as soon as something is noted. Only inside an event loop."""
        self._waiting.append(asyncio.get_running_loop().create_future())
        return self._waiting[-1]

    def _wake(self) -> None:
        for waiting in self._waiting:
            if not waiting.done():
                waiting.set_result(None)
        self._waiting.clear()
