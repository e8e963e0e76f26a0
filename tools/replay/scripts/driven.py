"""Driven runs and data assets: what they are told, by hand and by whoever has claimed them."""

import io
import tarfile
from typing import Any

from tests import ids
from tools.replay.recorder import USER, Recorder
from tools.replay.servers import FROZEN

MINE = f"{USER}@driven"
HERE = "/worlds/driven"
SCENARIOS = b"""
version: 1
scenarios:
  - {name: by-hand, like: driven, when: {name: "*"}}
  - {name: made-by-hand, kind: data_asset, like: driven, when: {name: "*"}}
"""
FINISHES: tuple[dict[str, Any], ...] = (
    {"exit_code": 3}, {"exit_code": 3}, {"exit_code": 4}, {"exit_code": "x"}, {"state": "none"}, {"nosuch": 1},
)  # fmt: skip
CLAIMS: tuple[dict[str, Any], ...] = (
    {}, {"runner": "r", "world": "nowhere"}, {"runner": "r", "lease": "2h"}, {"runner": "r", "wait": 61},
    {"runner": "r", "world": "driven", "folders": True}, {"runner": "r", "world": "driven", "capsules": [ids.SLOW]},
)  # fmt: skip


def record(to: Recorder) -> None:
    """Driven runs, in a world of their own."""
    to.section = "driven runs"
    to.control("POST /worlds", {"name": "driven", "random_seed": 11, "clock": FROZEN})
    to.control(f"PUT {HERE}/scenarios", SCENARIOS)
    _by_hand(to)
    _claimed(to)
    _data_assets(to)
    to.control(f"DELETE {HERE}")


def _run(to: Recorder) -> str:
    return to.api("POST /computations", {"capsule_id": ids.CAPSULE}, token=MINE).text("id")


def _by_hand(to: Recorder) -> None:
    key = _run(to)
    run = f"{HERE}/computations/{key}"
    for state in ("running", "running", "finalizing", "running", "completed"):
        to.control(f"POST {run}/progress", {"state": state})
        to.control(f"POST {HERE}/clock/advance", {"by": "1m"})
        to.api(f"GET /computations/{key}", token=MINE)
    for offset in ("", "?offset=5", "?offset=5", "?offset=99", "?offset=x"):
        to.control(f"POST {run}/log{offset}", b"line\n")
    to.control(f"GET {run}/log?offset=5")
    for path, content in (("a.csv", b"1,2\n"), ("deep/big", b"\xff" * 5000), ("output", b"x"), ("a.csv/b", b"x")):
        to.control(f"PUT {run}/results/{path}", content)
    for packed in (_tar("t/b", b"3"), _tar("../x", b"3"), b"no tar"):
        to.control(f"PUT {run}/results", packed)
    to.api(f"POST /computations/{key}/results", {}, token=MINE)
    for finish in FINISHES:
        to.control(f"POST {run}/finish", finish)
    to.control(f"GET {run}")
    to.api(f"GET /computations/{key}", token=MINE)
    to.api(f"POST /computations/{key}/results", {"path": "deep"}, token=MINE)
    stopped = f"{HERE}/computations/{_run(to)}"
    to.control(f"POST {stopped}/stop")
    to.control(f"POST {stopped}/finish", {})
    to.control(f"POST {HERE}/computations/{ids.PAST_RUN}/finish", {})


def _claimed(to: Recorder) -> None:
    key = _run(to)
    for claim in CLAIMS:
        to.control("POST /work/claim", claim)
    run = f"{HERE}/computations/{key}"
    for _ in range(2):
        lease = _claim(to)
        to.control(f"PUT {run}/lease?lease={lease}", {"seconds": 60})
        to.control(f"POST {run}/progress?lease=another", {"state": "running"})
        to.control(f"DELETE {run}/lease?lease={lease}")
    lease = _claim(to)
    to.control(f"POST {run}/finish?lease={lease}", {"exit_code": 0})
    to.control(f"PUT {run}/lease?lease={lease}", {})
    to.control(f"PUT {HERE}/computations/{ids.NOBODYS}/lease?lease=x", {})
    to.control("POST /work/claim", {"runner": "r", "world": "driven"})


def _claim(to: Recorder) -> str:
    found = to.control("POST /work/claim", {"runner": "r", "world": "driven", "lease": 600}).json()
    work = found.get("work") if isinstance(found, dict) else None
    return str((work or {}).get("lease", "missing"))


def _data_assets(to: Recorder) -> None:
    for reason in (None, "access denied"):
        body = {"name": "n", "mount": "n", "tags": [], "source": {"aws": {"bucket": "b"}}}
        asset = f"{HERE}/data_assets/{to.api('POST /data_assets', body, token=MINE).text('id')}"
        to.control(f"GET {asset}/tar")
        for finish in ({"failure_reason": reason} if reason else {}, {"failure_reason": "another"}):
            to.control(f"POST {asset}/finish", finish)
        to.control(f"GET {asset}")
    to.control(f"GET {HERE}/data_assets/{ids.IRIS}/tar")
    to.control(f"POST {HERE}/data_assets/{ids.IRIS}/finish", {})


def _tar(path: str, content: bytes) -> bytes:
    entry = tarfile.TarInfo(path)
    entry.size = len(content)
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        tar.addfile(entry, io.BytesIO(content))
    return packed.getvalue()
