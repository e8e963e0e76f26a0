"""Everything that the read operations of the API answer, for every token and object of a world."""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import httpx

from tests.conftest import Client

SEARCHES: tuple[dict[str, Any], ...] = (
    {},
    {"archived": True},
    {"favorite": True},
    {"ownership": "shared"},
    {"sort_field": "created", "sort_order": "asc"},
    {"sort_field": "name", "sort_order": "desc"},
    {"query": "a"},
    {"query": "mock tag:raw"},
    {"query": "ada"},
)
OF_DATA_ASSETS: tuple[dict[str, Any], ...] = ({"type": "result"}, {"origin": "external"}, {"sort_field": "size"})
OF_CAPSULES: tuple[dict[str, Any], ...] = ({"status": "release"}, {"sort_field": "last_accessed"})

KINDS = ("capsules", "pipelines", "data_assets")

LARGEST = 100_000
"""The most bytes of a file that are read."""

A_FOLDER = 6
"""How many entries of a folder are looked at."""


class Known(NamedTuple):
    """The ids of all that is, and perhaps of what is no more."""

    capsules: set[str]
    runs: set[str]
    data_assets: set[str]
    release_jobs: set[tuple[str, str]]


class Reading:
    """What was read in a world through one of its tokens: `answers` by what was asked, `operations` that were."""

    def __init__(self, client: Client) -> None:
        self.answers: dict[str, Any] = {}
        self.operations: set[tuple[str, str]] = set()
        self._client = client

    def read(self, known: Known) -> "Reading":
        """Read everything."""
        self._ask("GET", "/custom_metadata")
        self._ask("GET", "/data_assets", params={"limit": 1000})
        for kind in KINDS:
            for search in (*SEARCHES, *(OF_DATA_ASSETS if kind == "data_assets" else OF_CAPSULES)):
                self._ask("POST", f"/{kind}/search", json={"limit": 1000} | search)
        for key in sorted(known.capsules):
            for kind in ("capsules", "pipelines"):
                for part in ("", "/permissions", "/app_panel", "/computations"):
                    self._ask("GET", f"/{kind}/{{capsule_id}}{part}", key)
                for job in (job for capsule, job in sorted(known.release_jobs) if capsule == key):
                    self._ask("GET", f"/{kind}/{{capsule_id}}/release/{{job_id}}", key, job)
        for key in sorted(known.runs):
            self._ask("GET", "/computations/{computation_id}", key)
            self._files("/computations/{computation_id}/results", key)
        for key in sorted(known.data_assets):
            for part in ("", "/permissions"):
                self._ask("GET", f"/data_assets/{{data_asset_id}}{part}", key)
            self._files("/data_assets/{data_asset_id}/files", key)
        return self

    def _files(self, path: str, key: str, folder: str = "") -> None:
        listing = self._ask("POST", path, key, json={"path": folder})
        for item in listing.get("items", [])[:A_FOLDER]:
            if item["type"] == "folder" and item["path"].count("/") < 2:
                self._files(path, key, item["path"])
            elif item["type"] == "file":
                self._file(path, key, item)

    def _file(self, path: str, key: str, item: dict[str, Any]) -> None:
        found = []
        for name in ("urls", "download_url"):
            answer = self._send("GET", f"{path}/{name}", key, params={"path": item["path"]})
            found += answer.json().values()
        if item["size"] <= LARGEST:
            content = self._client.get(found[0], auth=None)
            self.answers[f"{key} {item['path']}"] = (len(found), content.status_code, content.content)

    def _ask(self, method: str, path: str, *keys: str, **more: Any) -> Any:
        answer = self._send(method, path, *keys, **more)
        shown = answer.json()
        self.answers[f"{method} {path} {keys} {more}"] = (answer.status_code, in_order(shown))
        return shown

    def _send(self, method: str, path: str, *keys: str, **more: Any) -> httpx.Response:
        self.operations.add((method, f"/api/v1{path}"))
        filled = path
        for key in keys:
            before, _, after = filled.partition("{")
            filled = before + key + after.partition("}")[2]
        answer = self._client.request(method, filled, **more)
        assert answer.status_code < 500, answer.text
        return answer


def in_order(shown: Any) -> Any:
    """An answer with the processes of runs sorted: they come in no order."""
    if isinstance(shown, list):
        return [in_order(one) for one in shown]
    if isinstance(shown, dict) and "processes" in shown and "run_time" in shown:
        return shown | {"processes": sorted(shown["processes"], key=lambda process: str(process["name"]))}
    return shown


def differences(one: dict[str, Any], other: dict[str, Any]) -> Iterator[str]:
    """What was answered differently."""
    for asked in one | other:
        if one.get(asked) != other.get(asked):
            yield f"{asked}:\n  {one.get(asked)}\n  {other.get(asked)}"


def read_operations(names: Iterable[Any]) -> set[tuple[str, str]]:
    """The operations that only read, by method and path."""
    reading = ("get_", "list_", "search_")
    return {(operation.method, operation.path) for operation in names if operation.name.startswith(reading)}
