"""A server whose capsules have templates."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from tests.conftest import Client, HandClock, Server
from tests.control.conftest import Plane
from tests.run_templates.worlds import SEED


class Runs:
    """Runs of one world, and what they leave."""

    def __init__(self, client: Client, clock: HandClock) -> None:
        self.client, self._clock = client, clock

    def start(self, capsule: str, *, is_pipeline: bool = False, **params: object) -> str:
        """The id of a run that has begun."""
        body = {"pipeline_id" if is_pipeline else "capsule_id": capsule} | params
        key: str = self.client.ask("POST", "/computations", json=body)["id"]
        return key

    def ended(self, capsule: str, **params: object) -> str:
        """The id of a run that has ended; `params` are its named parameters."""
        named = [{"param_name": name, "value": value} for name, value in params.items()]
        key = self.start(capsule, named_parameters=named)
        self._clock.advance(60)
        return key

    def end(self, key: str) -> tuple[str, int]:
        """How it ended."""
        run = self.client.ask("GET", f"/computations/{key}")
        return run["end_status"], run["exit_code"]

    def files(self, key: str, folder: str = "") -> dict[str, str]:
        """All files by path."""
        found: dict[str, str] = {}
        for item in self.client.ask("POST", f"/computations/{key}/results", json={"path": folder})["items"]:
            if item["type"] == "folder":
                found |= self.files(key, item["path"])
            else:
                urls = self.client.request("GET", f"/computations/{key}/results/urls", params={"path": item["path"]})
                found[item["path"]] = httpx.get(urls.json()["download_url"]).text
        return found


@pytest.fixture
def seed(tmp_path: Path) -> str:
    """The path of the seed file."""
    path = tmp_path / "templates.json"
    path.write_text(json.dumps(SEED))
    return str(path)


@pytest.fixture
def server(start: Callable[..., Server], seed: str) -> Server:
    return start(seed=seed)


@pytest.fixture
def runs(client: Client, clock: HandClock) -> Runs:
    return Runs(client, clock)


@pytest.fixture
def plane(server: Server) -> Iterator[Plane]:
    with Plane(server.url) as plane:
        yield plane
