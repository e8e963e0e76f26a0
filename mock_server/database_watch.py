"""Looks after the database in the data directory while it is in use, beside the event loop."""

import asyncio
import logging
from contextlib import suppress
from pathlib import Path

from mock_server import background
from mock_server.clock import RealTime
from mock_server.store.database import Database
from mock_server.store.inspection import Inspection

PAUSE_SECONDS = 5.0
"""How long the watch rests between two steps, at least."""

REST = 50
"""How many times as long as a long step took it rests at least, whoever asks."""

LONG_SECONDS = 0.1
"""From when on a step is long. Those of most databases are not, and whoever asks has the answer of this moment."""

PATIENCE_SECONDS = 1.0
"""How long somebody who asks waits for a step, which goes on then."""

log = logging.getLogger("codeocean_mock")


class DatabaseWatch:
    """Notes in the condition of `db` what is found to be wrong with its file. In memory there is nothing to watch."""

    def __init__(self, db: Database, path: Path | None, real: RealTime) -> None:
        self._db = db
        self._inspection = Inspection(path, real) if path else None
        self._real = real
        self._ended = real()
        self._rest = 0.0

    async def run(self) -> None:
        """Take a step now and then, until cancelled."""
        while self._inspection is not None:
            await asyncio.sleep(max(PAUSE_SECONDS, self._rest))
            await self._step(self._inspection)

    async def look(self) -> None:
        """Take the next step if it is time for one."""
        # A clock that was set back makes no rest longer.
        if self._inspection is None or 0 <= self._real() - self._ended < self._rest:
            return
        with suppress(TimeoutError):
            await asyncio.wait_for(self._step(self._inspection), PATIENCE_SECONDS)

    async def _step(self, inspection: Inspection) -> None:
        await background.run(self._inspect, inspection)

    def _inspect(self, inspection: Inspection) -> None:
        """What a thread does; it writes plain values alone."""
        condition = self._db.condition
        # Whoever replaces the content meanwhile takes the verdict on the old one away.
        epoch = condition.replaced
        began = self._real()
        found = inspection.step()
        self._ended = self._real()
        took = self._ended - began
        self._rest = REST * took if took > LONG_SECONDS else 0.0
        if found is not None and condition.damage is None and condition.replaced == epoch:
            log.error("%s", condition.damaged(found))

    def stop(self) -> None:
        """Take no step any more."""
        if self._inspection is not None:
            self._inspection.stop()
