"""A steady load: so many requests a second, whether the answers come or not."""

import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import NamedTuple

from benchmarks.load import Caller
from benchmarks.servers import Server

PER_SECOND = 100


class Times(NamedTuple):
    """Milliseconds until answers, at the median and the 99th percentile, and of the slowest."""

    p50: float
    p99: float
    most: float


class Steady:
    """The load on one server, and how long its answers took."""

    def __init__(self, server: Server, request: bytes) -> None:
        self._caller = Caller(server.port)
        self._request = request
        self._over = threading.Event()
        self._milliseconds: list[float] = []
        self._thread = threading.Thread(target=self._send, name="steady", daemon=True)
        self._thread.start()

    def take(self) -> Times:
        """What was measured since this was last called. Raises `RuntimeError` when the load has ended."""
        if not self._thread.is_alive():
            raise RuntimeError("an answer was not right, and the load has ended")
        taken, self._milliseconds = self._milliseconds, []
        return Times(statistics.median(taken), statistics.quantiles(taken, n=100)[98], max(taken))

    def stop(self) -> None:
        """End the load."""
        self._over.set()
        self._thread.join()

    def _send(self) -> None:
        with self._caller as caller:
            due = time.perf_counter()
            while not self._over.is_set():
                caller.send(self._request)
                # From when it was due: what waited for an answer before it has waited as well.
                self._milliseconds.append((time.perf_counter() - due) * 1000)
                due += 1 / PER_SECOND
                time.sleep(max(0.0, due - time.perf_counter()))


@contextmanager
def loads(request: bytes, *servers: Server) -> Iterator[list[Steady]]:
    """A steady load on each of the servers."""
    with ExitStack() as stack:
        steady = []
        for server in servers:
            steady.append(Steady(server, request))
            stack.callback(steady[-1].stop)
        yield steady
