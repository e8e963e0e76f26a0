"""Much of what a client can do, one after the other; always the same."""

from typing import Any

from tests import ids
from tests.conftest import Client
from tests.control.conftest import World

SCENARIOS = """
version: 1
scenarios:
  - {name: odd, when: {name: "Fast*", nth: 2}, exit_code: 3, results: [{path: odd.bin, size: 5000}]}
  - {name: sometimes, when: {name: "Fast*"}, mix: {fails: 1, succeeds: 1}}
  - {name: refused, kind: data_asset, when: {tag: refuse}, failure_reason: access denied}
"""

FAULT = {"name": "f", "entity": ids.RNA_PIPELINE, "probability": 0.5, "status": 503, "message": "busy"}
"""Hits nothing that is dumped."""


def steer(world: World) -> None:
    """Set what a world goes by: a clock that stands, scenarios and a fault."""
    world.ask("PUT", "/clock", json={"mode": "frozen", "at": "2030-01-01"})
    world.load(SCENARIOS)
    world.ask("POST", "/faults", 201, json=FAULT)


class Doings:
    """Calls of the public API, in an order that is always the same; `answers` is what they were answered."""

    def __init__(self, client: Client, world: World) -> None:
        self.client, self.world = client, world
        self.answers: list[Any] = []

    def send(self, method: str, route: str, body: object = None, /, **params: str) -> Any:
        """Send a request and keep the answer; its JSON, None without one."""
        answer = self.client.request(method, route, json=body, params=params)
        self.answers.append((answer.status_code, answer.headers.multi_items(), answer.content))
        return answer.json() if answer.content else None

    def advance(self, **wish: object) -> None:
        """Move the clock."""
        self.answers.append(self.world.advance(**wish))

    def run(self, capsule: str, **more: object) -> str:
        key: str = self.send("POST", "/computations", {"capsule_id": capsule} | more)["id"]
        return key

    def asset(self, name: str, source: object, **more: object) -> str:
        body = {"name": name, "mount": name, "tags": [], "source": source} | more
        key: str = self.send("POST", "/data_assets", body)["id"]
        return key

    def all(self) -> None:
        """Everything."""
        runs = [self.run(ids.CAPSULE, named_parameters=[{"param_name": "rows", "value": "5"}])]
        runs += [self.run(ids.FASTQC) for _ in range(5)]
        runs += [self.run(ids.PIPELINE, nextflow_profile="test"), self.run(ids.SLOW)]
        bucket = {"aws": {"bucket": "some-bucket", "prefix": "a"}}
        self.asset("refused", bucket, tags=["refuse"])
        imported = self.asset("imported", bucket, custom_metadata={"data level": "raw"})
        self.advance(by=2)
        self._poll(runs)
        self.advance(next_change=True)
        self.advance(by="1m")
        self._poll(runs)
        captured = self.asset("captured", {"computation": {"id": runs[0]}})
        self.send("POST", f"/capsules/{ids.CAPSULE}/data_assets", [{"id": imported}, {"id": ids.IRIS, "mount": "x"}])
        self.advance(by="1m")
        self._files(runs[0], captured)
        self._changes(runs, captured)
        self._errors()
        self._releases()

    def _poll(self, runs: list[str]) -> None:
        for run in runs:
            self.send("GET", f"/computations/{run}")
            self.send("GET", f"/pipelines/{ids.RNA_PIPELINE}")

    def _files(self, run: str, asset: str) -> None:
        self.send("POST", f"/computations/{run}/results", {"path": ""})
        for path in (f"/computations/{run}/results", f"/data_assets/{asset}/files"):
            urls = self.send("GET", f"{path}/urls", path="table.csv")
            # Where a server listens is not for it to say.
            for url in urls.values():
                signed = self.client.get(url, auth=None)
                self.answers.append((signed.status_code, signed.headers.multi_items(), signed.content))

    def _changes(self, runs: list[str], asset: str) -> None:
        self.send("PATCH", f"/computations/{runs[0]}", name="renamed")
        self.send("DELETE", f"/computations/{runs[1]}")
        self.send("PUT", f"/data_assets/{asset}", {"name": "other", "tags": ["a", "b"], "description": "changed"})
        self.send("PATCH", f"/data_assets/{ids.MY_DATASET}/archive", archive="true")
        self.send("POST", f"/data_assets/{asset}/permissions", {"everyone": "viewer"})
        self.send("DELETE", f"/data_assets/{ids.DATASETS}")
        page = self.send("POST", "/data_assets/search", {"limit": 3})
        self.send("POST", "/data_assets/search", {"limit": 3, "next_token": page["next_token"]})
        self.send("POST", "/data_assets/search", {"query": "genome", "sort_field": "name"})

    def _errors(self) -> None:
        self.send("GET", f"/computations/{ids.NOBODYS}")
        self.send("GET", "/computations/x")
        self.send("POST", "/computations", {"capsule_id": ids.CAPSULE, "named_parameters": [{"param_name": "no"}]})
        self.send("GET", "/nowhere")
        self.send("PUT", "/computations")

    def _releases(self) -> None:
        self.run(ids.CAPSULE)
        self.advance(by="1m")
        job = self.send("POST", f"/capsules/{ids.CAPSULE}/release")["job_id"]
        self.advance(by="1m")
        self.send("GET", f"/capsules/{ids.CAPSULE}/release/{job}")
