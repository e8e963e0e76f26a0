"""What the clients use beside Code Ocean, played: S3, the metadata database, the alerts of a chat. All else is refused.

Nothing of Code Ocean's API and of its SDK is touched.
"""

import json
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import fsspec  # type: ignore[import-not-found, unused-ignore]
import requests
from aind_codeocean_pipeline_monitor import job  # type: ignore[import-not-found, unused-ignore]
from aind_session.utils import docdb_utils  # type: ignore[import-not-found, unused-ignore]
from fsspec.implementations.memory import MemoryFileSystem  # type: ignore[import-not-found, unused-ignore]
from requests.adapters import BaseAdapter

LOOPBACK = "127.0.0.1"


class Buckets(MemoryFileSystem):  # type: ignore[misc, unused-ignore]
    """All of S3, in memory."""

    protocol = "s3"
    root_marker = ""
    store: dict[str, Any] = {}  # noqa: RUF012 - as in the class that it is made from
    pseudo_dirs = [""]  # noqa: RUF012

    @classmethod
    def _strip_protocol(cls, path: str) -> str:
        return path.removeprefix("s3://").strip("/")

    @classmethod
    def put(cls, path: str, text: str) -> None:
        """Write an object; `path` begins with the bucket."""
        cls().pipe_file(path, text.encode())


class MetadataDb(BaseAdapter):
    """The metadata database behind its gateway: finds records, and notes what is registered."""

    def __init__(self) -> None:
        super().__init__()
        self.records: list[dict[str, Any]] = []
        self.registered: list[dict[str, str]] = []

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        """Answer as the gateway does."""
        url = urlsplit(str(request.url))
        if url.path.endswith("/find"):
            query = {name: json.loads(value) for name, [value] in parse_qs(url.query).items()}
            return self._answer(request, self._find(query))
        assert url.path.endswith("/assets/register"), f"the metadata database is not played: {request.url}"
        self.registered.append(json.loads(request.body or ""))
        return self._answer(request, {"message": "registered"})

    def close(self) -> None:
        """Nothing is open."""

    def registration(self, name: str) -> dict[str, str]:
        """What was registered under the name of a data asset."""
        [found] = [one for one in self.registered if one["name"] == name]
        return found

    def _find(self, query: dict[str, Any]) -> list[dict[str, Any]]:
        wanted = query["filter"].items()
        found = [record for record in self.records if all(_field(record, name) == value for name, value in wanted)]
        return found[query["skip"] :]

    @staticmethod
    def _answer(request: requests.PreparedRequest, content: Any) -> requests.Response:
        response = requests.Response()
        response.status_code = 200
        response.url = str(request.url)
        response._content = json.dumps(content).encode()
        return response


def _field(record: dict[str, Any], dotted: str) -> Any:
    value: Any = record
    for name in dotted.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value


class _Listener(ThreadingHTTPServer):
    request_queue_size = 100  # jobs start at once


class Alerts:
    """A channel of a chat: what was posted to its address."""

    def __init__(self) -> None:
        self.url = ""
        self.posted: list[str] = []

    def about(self, text: str) -> list[str]:
        """The alerts in which a text occurs, in their order."""
        return [alert for alert in self.posted if text in alert]

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Take alerts at `url` meanwhile."""
        alerts = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                texts = [block["text"] for block in body["attachments"][0]["content"]["body"]]
                alerts.posted.append("\n".join(texts))
                self.send_response(202)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        with _Listener((LOOPBACK, 0), Handler) as server:
            self.url = f"http://{LOOPBACK}:{server.server_port}/alerts"
            threading.Thread(target=server.serve_forever, daemon=True).start()
            yield
            server.shutdown()


def play(database: MetadataDb) -> None:
    """Put what is played in the place of the real things, and refuse every address but the loopback."""
    sys.addaudithook(_refuse_others)
    os.environ.update(AWS_ACCESS_KEY_ID="played", AWS_SECRET_ACCESS_KEY="played", AWS_DEFAULT_REGION="us-west-2")
    fsspec.register_implementation("s3", Buckets, clobber=True)
    session = requests.Session()
    session.mount("https://", database)
    docdb_utils.get_docdb_api_client = partial(docdb_utils.get_docdb_api_client, session=session)
    # The monitor makes a session for its metadata database alone, and mounts this.
    job.HTTPAdapter = lambda max_retries: database


def _refuse_others(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "socket.getaddrinfo":
        assert arguments[0] == LOOPBACK, f"not played: {arguments[0]}"
    if event == "socket.connect":
        assert arguments[1][0] == LOOPBACK, f"not played: {arguments[1]}"
