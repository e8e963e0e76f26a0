"""Older platform versions and other settings: which operations they have, and the form of their answers."""

from tests import ids
from tools.replay.exchange import Request
from tools.replay.recorder import Recorder
from tools.replay.scripts import reading, runs, searches
from tools.replay.scripts.files import fetch
from tools.replay.spec import operations


def record(to: Recorder) -> None:
    """What a server of another version answers."""
    to.section = "the spec"
    to.send(Request("GET", "/openapi.json"))
    to.send(Request("GET", "/docs"))
    to.section = "operations"
    for operation in operations():
        for key in (ids.NOBODYS, "x"):
            to.api(f"{operation.method} {operation.target(key)}", {} if operation.takes_body else None)
    reading.record(to)
    searches.record(to)
    runs.record(to)
    to.section = "files"
    for part in ("download_url", "urls"):
        urls = to.api(f"GET /computations/{ids.PAST_RUN}/results/{part}?path=table.csv")
        fetch(to, urls)
    to.section = "changes"
    to.api(f"PUT /data_assets/{ids.IRIS}", {"name": "new", "custom_metadata": {"sampling rate": 20}})
    to.api(f"PATCH /data_assets/{ids.IRIS}/archive?archive=true")
    to.api(f"DELETE /data_assets/{ids.MY_DATASET}")
    to.api(f"POST /capsules/{ids.CAPSULE}/data_assets", [{"id": ids.IRIS}])
