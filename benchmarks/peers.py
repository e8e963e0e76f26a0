"""Other fakes that npm has, each serving a computation as the fake does, and taking runs.

json-server and Mockoon keep what is posted. Prism and WireMock keep nothing: they answer what they are configured to.
"""

import json
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from rich.console import Console

from benchmarks.bare import ITEM
from benchmarks.servers import ITEM_PATH, USER, Make, Server, free_port, running

COMPUTATIONS = ITEM_PATH.rpartition("/")[0]
SPEC = Path(__file__).parents[1] / "openapi" / "openapi.json"

Configure = Callable[[Path, int], list[str]]
"""Writes what a server needs into a folder, and gives the arguments with which it serves that on a port."""


def _json_server(folder: Path, port: int) -> list[str]:
    _write(folder / "db.json", {"computations": [ITEM.model_dump()]})
    _write(folder / "routes.json", {"/api/v1/*": "/$1"})
    files = [str(folder / "db.json"), "--routes", str(folder / "routes.json")]
    return [*files, "--host", "127.0.0.1", "--port", str(port), "--quiet"]


def _mockoon(folder: Path, port: int) -> list[str]:
    bucket = {"uuid": "b", "id": "runs", "name": "computations", "value": json.dumps([ITEM.model_dump()])}
    answer = {
        "uuid": "a", "body": "{}", "latency": 0, "statusCode": 200, "label": "", "headers": [], "filePath": "",
        "bodyType": "DATABUCKET", "databucketID": "runs", "sendFileAsBody": False, "rules": [], "rulesOperator": "OR",
        "disableTemplating": True, "fallbackTo404": False, "default": True, "crudKey": "id", "callbacks": [],
    }  # fmt: skip
    route = {
        "uuid": "r", "type": "crud", "documentation": "", "method": "", "endpoint": COMPUTATIONS.removeprefix("/"),
        "responses": [answer], "responseMode": None, "streamingMode": None, "streamingInterval": 0,
    }  # fmt: skip
    environment = {
        "uuid": "e", "lastMigration": 33, "name": "runs", "endpointPrefix": "", "latency": 0, "port": port,
        "hostname": "127.0.0.1", "folders": [], "routes": [route], "rootChildren": [{"type": "route", "uuid": "r"}],
        "proxyMode": False, "proxyHost": "", "proxyRemovePrefix": False, "cors": False, "headers": [],
        "proxyReqHeaders": [], "proxyResHeaders": [], "data": [bucket], "callbacks": [],
        "tlsOptions": {"enabled": False},
    }  # fmt: skip
    _write(folder / "mockoon.json", environment)
    data = ["--data", str(folder / "mockoon.json"), "--port", str(port), "--hostname", "127.0.0.1"]
    return ["start", *data, "--disable-log-to-file", "--disable-admin-api", "--repair"]


def _prism(_folder: Path, port: int) -> list[str]:
    return ["mock", "--host", "127.0.0.1", "--port", str(port), str(SPEC)]


def _wiremock(folder: Path, port: int) -> list[str]:
    (folder / "mappings").mkdir()
    for method, path in (("GET", ITEM_PATH), ("POST", COMPUTATIONS)):
        answer = {"status": 200, "jsonBody": ITEM.model_dump(), "headers": {"Content-Type": "application/json"}}
        mapping = {"request": {"method": method, "urlPath": path}, "response": answer}
        _write(folder / "mappings" / f"{method}.json", mapping)
    return ["--port", str(port), "--bind-address", "127.0.0.1", "--root-dir", str(folder)]


class Peer(NamedTuple):
    """Another fake: what runs it, where npm puts it, and how it is given something to serve."""

    name: str
    command: tuple[str, ...]
    program: str
    configure: Configure


PEERS = (
    Peer("json-server", ("node",), "json-server/lib/cli/bin.js", _json_server),
    Peer("Mockoon", ("node",), "@mockoon/cli/bin/run.js", _mockoon),
    Peer("Prism (keeps nothing)", ("node",), "@stoplight/prism-cli/dist/index.js", _prism),
    Peer("WireMock (keeps nothing)", ("java", "-jar"), "wiremock/build/wiremock-standalone-*.jar", _wiremock),
)


def installed(console: Console, folder: Path) -> list[Make]:
    """The peers that can run here, from what npm has put into `folder`; a line is printed for what is not there."""
    found: list[Make] = []
    for runner in dict.fromkeys(peer.command[0] for peer in PEERS):
        peers = [peer for peer in PEERS if peer.command[0] == runner]
        programs = [sorted((folder / "node_modules").glob(peer.program)) for peer in peers]
        names = ", ".join(peer.name for peer in peers)
        if shutil.which(runner) is None:
            console.print(f"{runner} is not installed: without {names}")
        elif not all(programs):
            console.print(f"npm has not installed {names}: without them")
        else:
            found += [partial(_started, peer, paths[-1]) for peer, paths in zip(peers, programs, strict=True)]
    return found


@contextmanager
def _started(peer: Peer, program: Path) -> Iterator[Server]:
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        command = [*peer.command, str(program), *peer.configure(Path(folder), port)]
        with running(peer.name, command, port, ITEM_PATH, USER) as server:
            yield server


def _write(path: Path, content: Any) -> None:
    path.write_text(json.dumps(content))
