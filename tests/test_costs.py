"""What a request and a start cost, in counts that do not depend on the machine (what a start imports: `test_start`)."""

import gc
import json
import sys
import threading
import tracemalloc
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple

import httpx
import pytest

from mock_server.app import Application, create_app
from mock_server.settings import Settings
from mock_server.threaded_server import LiveServer
from tests import ids
from tests.conftest import USER, HandClock
from tests.process import started
from tests.server.raw import AUTHORIZATION, RawClient

TIMES = 20
"""How often each request is sent."""


class Bounds(NamedTuple):
    """The most that a request may cost on average: statements as they are, calls and memory with a quarter to spare."""

    statements: int
    calls: int
    kilobytes: int


class Request(NamedTuple):
    """One kind of request. One that writes is committed once."""

    method: str
    path: str
    body: dict[str, Any] | None
    most: Bounds
    writes: bool = False

    @property
    def wire(self) -> bytes:
        """The request as it is sent."""
        body = b"" if self.body is None else json.dumps(self.body).encode()
        head = f"{self.method} /api/v1/{self.path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n"
        return head.encode() + AUTHORIZATION + b"\r\n\r\n" + body


RUN = {"capsule_id": ids.FASTQC}
WITH_TEMPLATES = {"capsule_id": ids.CAPSULE}
ASSET = {
    "name": "counted",
    "mount": "counted",
    "tags": ["counted"],
    "source": {"aws": {"bucket": "codeocean-public-data", "prefix": "example_datasets/iris"}},
}
REQUESTS = {
    "a computation": Request("GET", f"computations/{ids.PAST_RUN}", None, Bounds(2, 120, 12)),
    "a capsule": Request("GET", f"capsules/{ids.CAPSULE}", None, Bounds(1, 112, 12)),
    "a data asset": Request("GET", f"data_assets/{ids.IRIS}", None, Bounds(2, 120, 12)),
    "a search": Request("POST", "data_assets/search", {"limit": 10}, Bounds(7, 470, 50)),
    "a word": Request("POST", "data_assets/search", {"limit": 10, "query": "iris"}, Bounds(8, 447, 22)),
    "a run": Request("POST", "computations", RUN, Bounds(6, 260, 14), writes=True),
    "a run with templates": Request("POST", "computations", WITH_TEMPLATES, Bounds(7, 292, 14), writes=True),
    "a new data asset": Request("POST", "data_assets", ASSET, Bounds(7, 295, 16), writes=True),
    "an update": Request(
        "PUT", f"data_assets/{ids.MY_DATASET}", {"tags": ["counted"]}, Bounds(6, 200, 14), writes=True
    ),
}
kinds = pytest.mark.parametrize("request_", REQUESTS.values(), ids=REQUESTS.keys())
reads = pytest.mark.parametrize(
    "request_", [request for request in REQUESTS.values() if not request.writes], ids=lambda each: each.path
)

MOST_KEPT = 2.0
"""How many blocks of memory a request may leave behind: fewer than an object with a field."""


class Calls:
    """Counts the Python functions that are called in the threads that start with it."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, _frame: FrameType, event: str, _argument: object) -> None:
        self.count += event == "call"


class Served:
    """A server whose work is counted. Its clock moves with each write, as if they came one by one."""

    def __init__(self, url: str, app: Application, clock: HandClock, calls: Calls) -> None:
        self.url, self.app, self.calls = url, app, calls
        self._clock = clock

    def send(self, request: Request, times: int = 1) -> None:
        """Send a request, one after another, on one connection."""
        with RawClient(self.url) as client:
            for _ in range(times):
                self.send_on(client, request)

    def send_on(self, client: RawClient, request: Request) -> None:
        """Send a request on a connection, and read its answer."""
        self._clock.advance(request.writes)
        client.send(request.wire)
        answer = client.answer()
        assert answer.status == 200, answer.body

    def statements(self, send: Callable[[], None]) -> list[str]:
        """What the default world's database has run meanwhile, without what SQLite and triggers add by themselves."""
        connection = self.app.worlds.default.db._connection
        traced: list[str] = []
        connection.set_trace_callback(traced.append)
        send()
        connection.set_trace_callback(None)
        return [statement for statement, _ in groupby(traced) if not statement.startswith("--")]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    clock, calls = HandClock(), Calls()
    settings = Settings(data_dir=tmp_path_factory.mktemp("data"), random_seed=7, journal_size=TIMES)
    app = create_app(settings, clock)
    threading.setprofile(calls)
    try:
        live = LiveServer(app).__enter__()
    finally:
        threading.setprofile(None)
    served = Served(live.url, app, clock, calls)
    for request in REQUESTS.values():
        served.send(request, TIMES)
    yield served
    live.__exit__(None, None, None)
    app.worlds.close()


@pytest.fixture(autouse=True)
def _nothing_to_index(served: Served) -> None:
    """Have what other tests have written in the search index."""
    served.send(REQUESTS["a search"])


@kinds
def test_a_request_runs_few_statements_and_is_committed_once(served: Served, request_: Request) -> None:
    statements = served.statements(lambda: served.send(request_, TIMES))
    assert len(statements) <= request_.most.statements * TIMES
    for word in ("BEGIN", "COMMIT"):
        assert sum(statement.startswith(word) for statement in statements) == TIMES * request_.writes


def test_runs_at_once_are_committed_at_most_once_each(served: Served) -> None:
    def send_at_once() -> None:
        with ThreadPoolExecutor(TIMES) as pool:
            for sent in [pool.submit(served.send, REQUESTS["a run"]) for _ in range(TIMES)]:
                sent.result()

    statements = served.statements(send_at_once)
    assert 1 <= statements.count("COMMIT") <= TIMES


def test_what_is_written_is_indexed_once_and_by_the_next_search(served: Served) -> None:
    def indexing(request: str) -> list[str]:
        return [sql for sql in served.statements(lambda: served.send(REQUESTS[request])) if "INTO entry" in sql]

    assert indexing("a new data asset") == []
    assert len(indexing("a search")) == 1
    assert indexing("a search") == []


@kinds
def test_a_request_calls_few_functions(served: Served, request_: Request) -> None:
    before = served.calls.count
    served.send(request_, TIMES)
    assert (served.calls.count - before) / TIMES <= request_.most.calls


@kinds
def test_a_request_needs_little_memory(served: Served, request_: Request) -> None:
    peaks = []
    tracemalloc.start()
    try:
        with RawClient(served.url) as client:
            for _ in range(TIMES):
                tracemalloc.reset_peak()
                before, _ = tracemalloc.get_traced_memory()
                served.send_on(client, request_)
                peaks.append(tracemalloc.get_traced_memory()[1] - before)
    finally:
        tracemalloc.stop()
    assert sorted(peaks)[TIMES // 2] / 1024 <= request_.most.kilobytes


@reads
def test_a_request_that_reads_leaves_no_memory_behind(served: Served, request_: Request) -> None:
    kept = []
    gc.collect()
    gc.freeze()  # What other tests have left is not searched for garbage eight times.
    for _ in range(4):  # What is remembered once is remembered in the first of them.
        gc.collect()
        before = sys.getallocatedblocks()
        served.send(request_, TIMES * 5)
        gc.collect()
        kept.append((sys.getallocatedblocks() - before) / (TIMES * 5))
    assert min(kept) <= MOST_KEPT


LISTENS = """
import json, sys

seen = []
sys.addaudithook(lambda event, arguments: seen.append((event, repr(arguments[0]) if arguments else "")))
target = sys.argv.pop(1)
from mock_server.__main__ import main

try:
    main()
finally:
    heard = list(seen)
    with open(target, "w") as file:
        json.dump(heard, file)
"""
"""Runs the command, and writes what Python tells of its dealings with the system: the event, and what it is about."""

MODULES = (".py", ".pyc", ".so")


def test_a_start_opens_nothing_but_its_modules_and_its_world(tmp_path: Path) -> None:
    (tmp_path / "listens.py").write_text(LISTENS)
    shell = f'shift; exec "{sys.executable}" "{tmp_path / "listens.py"}" "{tmp_path / "seen"}" "$@"'
    with started("--data-dir", str(tmp_path / "data"), shell=shell) as server:
        assert httpx.get(f"{server.url}/api/v1/computations/{ids.PAST_RUN}", auth=(USER, "")).status_code == 200
        server.stop()
    seen = json.loads((tmp_path / "seen").read_text())
    opened = [Path(what.strip("'")) for event, what in seen if event == "open"]
    assert [path.name for path in opened if path.suffix not in MODULES] == ["demo.json"]
    events = [event for event, _ in seen]
    assert events.count("sqlite3.connect") == 1
    assert not {"subprocess.Popen", "os.fork", "os.system", "socket.connect"} & set(events)
