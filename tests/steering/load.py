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

POLLS = 6
"""How many times as often as it is changed something is looked at."""


RECENT = 30
"""From how many of the newest a client chooses: few enough to meet others, enough that old ones come to their end."""

JUMPS = (0, 0, 0, 0, 0, 0, 0, 0, 0.1, 0.3, 1, 5)
"""By how many seconds the clock jumps, when it does not jump over everything; 0 is to the next change."""


class Load:
    """What all clients share: the history, and the ids of what has been made."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.runs: list[str] = []
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
        ]  # fmt: skip
        looks: list[Callable[[], None]] = [self.get_run, self.get_asset, self.list_runs, self.search]
        weights = [2, 3, 1, 1, 2, 3, 2, 1]
        self._actions = [*changes, *looks]
        self._weights = [*weights, POLLS, POLLS, 1, 1]

    def work(self, calls: int) -> None:
        """Make so many calls."""
        self.start_run()
        self.create_asset()
        for action in self._random.choices(self._actions, self._weights, k=calls - 2):
            action()

    def start_run(self) -> None:
        capsule = self._random.choice(CAPSULES)
        call = self._call("start", None, capsule, "POST", "/computations", json={"capsule_id": capsule})
        self._load.runs.append(call.answer["id"])

    def rename_run(self) -> None:
        run, name = self._run(), self._new()
        self._call("rename", run, name, "PATCH", f"/computations/{run}", params={"name": name})

    def stop_run(self) -> None:
        run = self._run()
        self._call("stop", run, None, "POST", f"{self._client.url}/_mock/worlds/default/computations/{run}/stop")

    def delete_run(self) -> None:
        run = self._run()
        self._call("delete", run, None, "DELETE", f"/computations/{run}")

    def get_run(self, run: str | None = None) -> None:
        run = run or self._run()
        self._call("get", run, None, "GET", f"/computations/{run}")

    def list_runs(self, capsule: str | None = None) -> None:
        capsule = capsule or self._random.choice(CAPSULES)
        self._call("list", None, capsule, "GET", f"/capsules/{capsule}/computations")

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
        for run in self._load.runs:
            self.get_run(run)
        for asset in self._load.assets:
            self.get_asset(asset)
        for capsule in CAPSULES:
            self.list_runs(capsule)
        for archived in (False, True):
            self.search(archived)

    def _call(self, action: str, target: str | None, sent: Any, method: str, path: str, **more: Any) -> Call:
        began = perf_counter()
        response = self._client.request(method, path, **more)
        ended = perf_counter()
        answer = response.json() if response.content else None
        call = Call(began, ended, action, target, sent, response.status_code, answer, _date(response))
        self._load.calls.append(call)
        return call

    def _run(self) -> str:
        return self._recent(self._load.runs)

    def _asset(self) -> str:
        return self._recent(self._load.assets)

    def _recent(self, made: list[str]) -> str:
        """One of the newest, so that clients meet; one that is gone may be among them."""
        return self._random.choice(made[-RECENT:])

    def _new(self) -> str:
        """A text that nobody else writes."""
        self._written += 1
        return f"w{self._number}x{self._written}"


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
        response = client.post(f"{client.url}/_mock/worlds/default/clock/advance", json=wish)
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
