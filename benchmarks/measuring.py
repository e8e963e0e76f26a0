"""What is asked of the servers, and what an answer costs."""

import base64
import json
from typing import NamedTuple

from benchmarks.load import http, put_load_on
from benchmarks.servers import ITEM_PATH, USER, Server

AUTHORIZATION = "Basic " + base64.b64encode(f"{USER}:".encode()).decode()
RUN = json.dumps(
    {
        "capsule_id": "0b4f6f7c-7f4b-4f0a-9a77-3d7c1f5a2e10",
        "named_parameters": [{"param_name": "threads", "value": "2"}],
    }
).encode()

ASSET_PATH = "/api/v1/data_assets/37a93748-ce90-4980-913b-2de0908d5212"
NEW_ASSET = json.dumps(
    {
        "name": "Reads",
        "tags": ["reads", "lane"],
        "mount": "reads",
        "description": "Reads of one lane",
        "source": {"aws": {"bucket": "reads", "prefix": "lane-1"}},
    }
).encode()
CHANGES = [
    json.dumps({"name": f"Reads {word}", "tags": ["reads", word], "description": f"Reads of lane {word}"}).encode()
    for word in ("one", "two", "three")
]
"""Three, so that each changes something."""

GET = http("GET", ITEM_PATH, Authorization=AUTHORIZATION)
POST = http("POST", "/api/v1/computations", RUN, Content_Type="application/json", Authorization=AUTHORIZATION)
CREATE = http("POST", "/api/v1/data_assets", NEW_ASSET, Content_Type="application/json", Authorization=AUTHORIZATION)
UPDATES = [
    http("PUT", ASSET_PATH, change, Content_Type="application/json", Authorization=AUTHORIZATION) for change in CHANGES
]


class Sample(NamedTuple):
    """One server under one kind of load in one round."""

    per_second: float
    cpu_us: float
    p50: float
    p99: float
    wrong: int


def measure(server: Server, request: bytes | list[bytes], seconds: float) -> Sample:
    """Put load on a server, and ask the system what it cost."""
    before = server.cpu_seconds()
    load = put_load_on(server.port, [request] if isinstance(request, bytes) else request, seconds)
    used = server.cpu_seconds() - before
    return Sample(load.per_second, used / max(1, load.requests) * 1e6, load.p50, load.p99, load.wrong)
