"""Waiting for requests to come."""

import asyncio
from collections import deque

from mock_server.domain.journal import Journal, Record
from mock_server.services.journal.entries import entry, misses
from mock_server.wire.journal import Entry, Waited, WaitRequest

NEAREST = 5
"""How many requests are shown as nearest to what was wanted."""


async def wait(journal: Journal, request: WaitRequest) -> Waited:
    """Wait until as many requests match as are asked for. When the journal is cleared, what it held does not count."""
    watch = _Watch(journal, request)
    try:
        async with asyncio.timeout(request.timeout):
            while not watch.met():
                await journal.changed()
    except TimeoutError:
        # Something may have come in the moment in which the time was over.
        watch.met()
    return watch.result()


class _Watch:
    """What somebody who waits has seen of the journal so far."""

    def __init__(self, journal: Journal, request: WaitRequest) -> None:
        self._journal = journal
        self._request = request
        self._forget()

    def _forget(self) -> None:
        self._last: tuple[int, Record] | None = None
        self._found: list[Entry] = []
        self._near: deque[Entry] = deque(maxlen=NEAREST)

    def met(self) -> bool:
        """Look at what is new. Whether it is enough."""
        for number, record in self._new():
            self._last = (number, record)
            shown = entry(number, record)
            missed = misses(shown, self._request.match)
            if not missed:
                self._found.append(shown)
            elif len(missed) == 1:
                self._near.append(shown)
        return len(self._found) >= self._request.count

    def _new(self) -> list[tuple[int, Record]]:
        if self._last is None:
            return self._journal.records()
        number, record = self._last
        kept = self._journal.records(number - 1)
        if kept and kept[0][1] is record:
            return kept[1:]
        if kept and kept[0][0] > number:
            return kept
        # Another request has the number of the one that was seen last, or none has: the journal was cleared.
        self._forget()
        return self._journal.records()

    def result(self) -> Waited:
        """What came of it."""
        seen = len(self._found)
        met = seen >= self._request.count
        return Waited(met=met, seen=seen, requests=self._found, nearest=[] if met else list(self._near))
