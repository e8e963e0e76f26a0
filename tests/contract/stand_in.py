"""A stand-in for a real deployment: other tokens, more operations than the spec, more fields in answers, no control
plane, and a count of what it received.
"""

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import Any

import httpx

from contract_tests.transport import operations
from contract_tests.transport.operations import Effect
from mock_server.app import Application, create_app
from mock_server.settings import Settings
from mock_server.threaded_server import LiveServer

TOKEN = "cop_prod_user"
OTHER_TOKEN = "cop_prod_viewer"

TIME_SCALE = 60.0
"""Runs of eight seconds take a fraction of one."""


class StandIn:
    """The application, and what it was sent."""

    def __init__(self, app: Application, *, newer: bool = True) -> None:
        self._app = app
        self._newer = newer
        self.url = ""
        self.received: list[tuple[str, str]] = []
        """Method and path."""

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = scope["path"]
        self.received.append((scope["method"], path))
        if path.startswith(("/_mock", "/docs", "/openapi.json")):
            scope = scope | {"path": "/api/v1/nothing", "raw_path": b"/api/v1/nothing"}
        elif path.endswith("/purge"):
            # An operation that no spec of ours has; it changes something although it is a GET.
            self.received[-1] = ("PURGE", path)
        await self._app(scope, receive, _with_more_fields(send) if self._newer else send)

    @property
    def changes(self) -> list[tuple[str, str]]:
        """List the requests that change something, or are not an operation of the contract."""
        return [
            (method, path)
            for method, path in self.received
            if path.startswith("/api/") and not _only_reads(method, path)
        ]

    def post(self, path: str, body: Any) -> str:
        """Have another client of the same user make something; its id."""
        with httpx.Client(base_url=f"{self.url}/api/v1", auth=(TOKEN, "")) as client:
            return str(client.post(path, json=body).raise_for_status().json()["id"])

    def counts(self) -> Counter[str]:
        """Count what exists of each kind."""
        with httpx.Client(base_url=f"{self.url}/api/v1", auth=(TOKEN, "")) as client:
            counts: Counter[str] = Counter()
            for kind in ("capsules", "pipelines", "data_assets"):
                for archived in (False, True):
                    page = client.post(f"/{kind}/search", json={"limit": 1000, "archived": archived}).json()
                    counts[kind] += len(page["results"])
                    if kind != "data_assets":
                        for capsule in page["results"]:
                            counts["computations"] += len(client.get(f"/{kind}/{capsule['id']}/computations").json())
        return counts


def _only_reads(method: str, path: str) -> bool:
    match = operations.find(method, path)
    return match is not None and match[0].effect is Effect.READ


def _with_more_fields(send: Any) -> Any:
    """Adds a field to every JSON object of an answer, as a newer platform may."""
    start: dict[str, Any] = {}

    async def sending(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            start.update(message)
            return
        body = message["body"]
        if start and body.startswith(b"{") and 200 <= start["status"] < 300 and not message.get("more_body"):
            body = json.dumps(json.loads(body) | {"newer_than_the_spec": 1}).encode()
            headers = [pair for pair in start["headers"] if pair[0] != b"content-length"]
            start["headers"] = [*headers, (b"content-length", str(len(body)).encode())]
        if start:
            await send(dict(start))
            start.clear()
        await send(message | {"body": body})

    return sending


@contextmanager
def run_stand_in(folder: Path, *, newer: bool = True, **settings: Any) -> Iterator[StandIn]:
    """A running stand-in; its seed is the demo world with other tokens. A `newer` one has more fields than the spec."""
    seed = folder / "stand-in.yaml"
    demo = (resources.files("mock_server.seeds") / "demo.yaml").read_text()
    seed.write_text(demo.replace("cop_demo_", "cop_prod_"))
    app = create_app(Settings(**({"data_dir": None, "seed": str(seed), "time_scale": TIME_SCALE} | settings)))
    application = StandIn(app, newer=newer)
    with LiveServer(application) as server:
        application.url = server.url
        yield application
    app.worlds.close()
