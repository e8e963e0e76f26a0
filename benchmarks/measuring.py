"""What an answer costs: load on one server at a time."""

from collections.abc import Sequence
from typing import NamedTuple

from benchmarks.load import put_load_on
from benchmarks.servers import Server


class Sample(NamedTuple):
    """One server under one kind of load in one round."""

    per_second: float
    cpu_us: float
    p50: float
    p99: float
    wrong: int


def measure(server: Server, requests: Sequence[bytes], seconds: float) -> Sample:
    """Put load on a server, and ask the system what it cost."""
    before = server.cpu_seconds()
    load = put_load_on(server.port, requests, seconds)
    used = server.cpu_seconds() - before
    return Sample(load.per_second, used / max(1, load.requests) * 1e6, load.p50, load.p99, load.wrong)
