"""Clients that all work in one world at once, and note what they did."""

import threading
from collections.abc import Callable, Sequence
from email.utils import parsedate_to_datetime
from random import Random
from time import perf_counter
from typing import Any

import httpx

from tests import ids
from tests.conftest import Client
from tests.steering.history import Call

TAG = "under-load"
"""On every data asset that is made here."""

CAPSULES = (ids.CAPSULE, ids.FAILS, ids.SILENT, ids.SLOW)

DRIVEN = ids.MANY_FILES
"""The capsule whose runs go on only when a client tells them to."""

SCENARIO = {"name": "told", "like": "driven", "when": {"capsule": DRIVEN}}

CONTROL = "/_mock/worlds/default"

POLLS = 6
"""How many times as often as it is changed something is looked at."""


RECENT = 30
"""From how many of the newest a client chooses: few enough to meet others, enough that old ones come to their end."""

DRIVEN_AT_ONCE = 4
"""From how many of the newest driven runs a client chooses: so few that all have a part in each."""

JUMPS = (0, 0, 0, 0, 0, 0, 0, 0, 0.1, 0.3, 1, 5)
"""By how many seconds the clock jumps, when it does not jump over everything; 0 is to the next change."""


class Load:
    """What all clients share: the history, and the ids of what has been made."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.runs: list[str] = []
        self.driven: list[str] = []
        self.assets: list[str] = []


class Worker:
    """One client. It chooses what to do by its number, so that it does the same each time it is run."""

    def __init__(self, load: Load, client: Client, number: int) -> None:
        self._load, self._client, self._number = load, client, number
        self._random = Random(number)
        self._written = 0
        changes: list[Callable[[], None]] = [
            self.start_run, self.rename_run, self.stop_run, self.delete_run,
            self.create_asset, self.update_asset, self.archive_asset, self.delete_asset,
            self.start_driven, self.progress, self.finish, self.append_to_log, self.put_result,
        ]  # fmt: skip
        looks: list[Callable[[], None]] = [
            self.get_run, self.get_asset, self.list_runs, self.search,
            self.get_driven, self.read_log, self.list_results,
        ]  # fmt: skip
        weights = [2, 3, 1, 1, 2, 3, 2, 1, 1, 2, 1, 3, 2]
        self._actions = [*changes, *looks]
        self._weights = [*weights, POLLS, POLLS, 1, 1, 2, 1, 1]

    def work(self, calls: int) -> None:
        """Make so many calls."""
        self.start_run()
        self.start_driven()
        self.create_asset()
        for action in self._random.choices(self._actions, self._weights, k=calls - 3):
            action()

    def start_driven(self) -> None:
        self.start_run(DRIVEN)

    def start_run(self, capsule: str | None = None) -> None:
        capsule = capsule or self._random.choice(CAPSULES)
        call = self._call("start", None, capsule, "POST", "/computations", json={"capsule_id": capsule})
        (self._load.driven if capsule == DRIVEN else self._load.runs).append(call.answer["id"])

    def rename_run(self) -> None:
        run, name = self._run(), self._new()
        self._call("rename", run, name, "PATCH", f"/computations/{run}", params={"name": name})

    def stop_run(self) -> None:
        run = self._run()
        self._call("stop", run, None, "POST", self._control(run, "stop"))

    def delete_run(self) -> None:
        run = self._run()
        self._call("delete", run, None, "DELETE", f"/computations/{run}")

    def get_run(self, run: str | None = None) -> None:
        run = run or self._run()
        self._call("get", run, None, "GET", f"/computations/{run}")

    def list_runs(self, capsule: str | None = None) -> None:
        capsule = capsule or self._random.choice((*CAPSULES, DRIVEN))
        self._call("list", None, capsule, "GET", f"/capsules/{capsule}/computations")

    def progress(self) -> None:
        run, state = self._driven(), self._random.choice(["running", "running", "finalizing"])
        self._call("progress", run, state, "POST", self._control(run, "progress"), json={"state": state})

    def finish(self) -> None:
        """With an exit code that nobody else sends."""
        run, code = self._driven(), self._number * 10_000 + self._count()
        self._call("finish", run, code, "POST", self._control(run, "finish"), json={"exit_code": code})

    def append_to_log(self) -> None:
        run, line = self._driven(), f"{self._new()}\n"
        self._call("append", run, line, "POST", self._control(run, "log"), content=line.encode())

    def put_result(self) -> None:
        """In the database, or beside it."""
        run, name = self._driven(), self._new()
        content = name * self._random.choice([1, 2, 3000])
        path = self._control(run, f"results/{name}")
        self._call("put", run, (name, len(content)), "PUT", path, content=content.encode())

    def get_driven(self) -> None:
        self.get_run(self._driven())

    def read_log(self, run: str | None = None) -> None:
        run = run or self._driven()
        self._call("log", run, None, "GET", self._control(run, "log"))

    def list_results(self, run: str | None = None) -> None:
        run = run or self._driven()
        self._call("results", run, None, "POST", f"/computations/{run}/results", json={"path": ""})

    def create_asset(self) -> None:
        fields = {"name": self._new(), "tags": [TAG, self._new()], "description": self._new(), "mount": "m"}
        body = fields | {"source": {"aws": {"bucket": "b"}}}
        call = self._call("create", None, fields, "POST", "/data_assets", json=body)
        self._load.assets.append(call.answer["id"])

    def update_asset(self) -> None:
        asset = self._asset()
        fields = self._random.choice(
            [{"name": self._new()}, {"tags": [TAG, self._new()]}, {"description": self._new()}]
        )
        self._call("update", asset, fields, "PUT", f"/data_assets/{asset}", json=fields)

    def archive_asset(self) -> None:
        asset, archived = self._asset(), self._random.random() < 0.5
        path = f"/data_assets/{asset}/archive"
        self._call("archive", asset, archived, "PATCH", path, params={"archive": archived})

    def delete_asset(self) -> None:
        asset = self._asset()
        self._call("remove", asset, None, "DELETE", f"/data_assets/{asset}")

    def get_asset(self, asset: str | None = None) -> None:
        asset = asset or self._asset()
        self._call("look", asset, None, "GET", f"/data_assets/{asset}")

    def search(self, archived: bool | None = None) -> None:
        archived = self._random.random() < 0.3 if archived is None else archived
        body = {"query": f"tag:{TAG}", "archived": archived, "limit": 1000}
        self._call("search", None, archived, "POST", "/data_assets/search", json=body)

    def read_everything(self) -> None:
        """Look at all that has been made, once."""
        for run in [*self._load.runs, *self._load.driven]:
            self.get_run(run)
        for run in self._load.driven:
            self.read_log(run)
            self.list_results(run)
        for asset in self._load.assets:
            self.get_asset(asset)
        for capsule in (*CAPSULES, DRIVEN):
            self.list_runs(capsule)
        for archived in (False, True):
            self.search(archived)

    def _call(self, action: str, target: str | None, sent: Any, method: str, path: str, **more: Any) -> Call:
        began = perf_counter()
        response = self._client.request(method, path, **more)
        ended = perf_counter()
        is_json = response.headers.get("content-type") == "application/json"
        answer = response.json() if response.content and is_json else response.text
        call = Call(began, ended, action, target, sent, response.status_code, answer, _date(response))
        self._load.calls.append(call)
        return call

    def _control(self, run: str, what: str) -> str:
        return f"{self._client.url}{CONTROL}/computations/{run}/{what}"

    def _run(self) -> str:
        """One that goes on by itself, or now and then a driven one."""
        return self._recent(self._load.runs) if self._random.random() < 0.9 else self._driven()

    def _driven(self) -> str:
        return self._random.choice(self._load.driven[-DRIVEN_AT_ONCE:])

    def _asset(self) -> str:
        return self._recent(self._load.assets)

    def _recent(self, made: list[str]) -> str:
        """One of the newest, so that clients meet; one that is gone may be among them."""
        return self._random.choice(made[-RECENT:])

    def _new(self) -> str:
        """A text that nobody else writes."""
        return f"w{self._number}x{self._count()}"

    def _count(self) -> int:
        self._written += 1
        return self._written


def _date(response: httpx.Response) -> int | None:
    written = response.headers.get("date")
    return None if written is None else int(parsedate_to_datetime(written).timestamp())


def keep_jumping(load: Load, client: Client, finished: threading.Event) -> None:
    """Move the clock by random lengths until it is `finished`, and note it: mostly from change to change, sometimes
    over many of them.
    """
    random = Random(0)
    while not finished.wait(0.02):
        length = random.choice([*JUMPS, random.uniform(0, 30_000)])
        wish = {"by": length} if length else {"next_change": True}
        began = perf_counter()
        response = client.post(f"{client.url}{CONTROL}/clock/advance", json=wish)
        ended = perf_counter()
        load.calls.append(Call(began, ended, "advance", None, wish, response.status_code, response.json()))


def history_of(urls: Sequence[str], clients: int, calls: int) -> list[Call]:
    """All that `clients` at these servers do with `calls` each while the clock jumps; and what is there at the end."""
    load = Load()
    finished = threading.Event()
    failures: list[BaseException] = []
    connections = [Client(urls[number % len(urls)]) for number in range(clients + len(urls))]

    def noted(task: Callable[..., None], *arguments: Any) -> threading.Thread:
        def work() -> None:
            try:
                task(*arguments)
            except BaseException as problem:
                failures.append(problem)

        thread = threading.Thread(target=work)
        thread.start()
        return thread

    try:
        loaded = {"version": 1, "scenarios": [SCENARIO]}
        connections[0].ask("PUT", f"{urls[0]}{CONTROL}/scenarios", json=loaded)
        workers = [Worker(load, connections[number], number) for number in range(clients)]
        threads = [noted(worker.work, calls) for worker in workers]
        jumping = [noted(keep_jumping, load, client, finished) for client in connections[clients:]]
        for thread in threads:
            thread.join()
        finished.set()
        for thread in jumping:
            thread.join()
        assert not failures, failures
        for worker in workers[: len(urls)]:
            worker.read_everything()
    finally:
        for client in connections:
            client.close()
    return load.calls
