"""A recording of one commit: what each of its servers answers."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import NamedTuple

from tools.replay.exchange import Headers
from tools.replay.recorder import Line, Recorder
from tools.replay.scripts import (
    changing,
    dashboard,
    driven,
    files,
    guarded,
    older,
    reading,
    refusals,
    runs,
    searches,
    steering,
)
from tools.replay.servers import started


class Server(NamedTuple):
    """A server to start: its options, the scripts that are sent to it, and headers that open its control plane."""

    name: str
    options: tuple[str, ...]
    scripts: tuple[Callable[[Recorder], None], ...]
    key: Headers = ()


NEWEST = (
    refusals.record, reading.record, searches.record, files.record, runs.record, changing.record, steering.record,
    driven.record, dashboard.record,
)  # fmt: skip

SERVERS = (
    Server("newest", (), NEWEST),
    Server(
        "3.0",
        ("--platform-version", "3.0", "--search-quirks", "--unknown-buckets", "fail"),
        (older.record,),
    ),
    Server(
        "2.5",
        ("--platform-version", "2.5", "--legacy-names", "documented", "--control-token", guarded.TOKEN),
        (guarded.record, older.record),
        guarded.KEY,
    ),
)


def record(command: Path) -> list[Line]:
    """Everything that servers of `command` answer; the servers run side by side."""
    with ThreadPoolExecutor(len(SERVERS)) as pool:
        return [line for lines in pool.map(partial(_record, command), SERVERS) for line in lines]


def _record(command: Path, server: Server) -> list[Line]:
    with started((str(command),), server.options, server.key) as port:
        recorder = Recorder(port, server.key)
        for script in server.scripts:
            script(recorder)
    return [{"server": server.name} | line for line in recorder.lines]
