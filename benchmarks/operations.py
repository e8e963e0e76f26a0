"""The operations under load: what each server is sent, and what the fake has to reach beside it."""

import json
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from benchmarks.load import http
from benchmarks.servers import BARE, FAKE, FAULTY, ITEM_PATH, MOTO, S3_AUTHORIZATION, USER, authorization

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


def _json(method: str, path: str, body: bytes, **headers: str) -> bytes:
    return http(method, path, body, Content_Type="application/json", **headers)


AUTHORIZATION = authorization(USER)
GET = http("GET", ITEM_PATH, Authorization=AUTHORIZATION)
POST = _json("POST", "/api/v1/computations", RUN, Authorization=AUTHORIZATION)


class Operation(NamedTuple):
    """One kind of request: what each server is sent, and the least that the fake is to reach of what another does.

    With several requests, one is sent after the other: an update has to change something. `for_peers` is what the other
    fakes are sent. A server that has no requests is left out.
    """

    name: str
    requests: Mapping[str, Sequence[bytes]]
    targets: Mapping[str, float]
    for_peers: Sequence[bytes] = ()

    def sent_to(self, server: str) -> Sequence[bytes]:
        """What a server is sent, if anything."""
        return self.requests.get(server, self.for_peers)


def operations(item: bytes) -> tuple[Operation, ...]:
    """All operations. `item` is what the fake answers to `GET`: S3 objects are as large."""
    return (
        Operation(
            "GET",
            {
                BARE: [http("GET", ITEM_PATH)],
                FAKE: [GET],
                FAULTY: [GET],
                MOTO: [http("GET", "/bench/object", Authorization=S3_AUTHORIZATION)],
            },
            targets={BARE: 1.3, MOTO: 6.0},
            for_peers=[GET],
        ),
        Operation(
            "POST of a run",
            {
                BARE: [_json("POST", "/api/v1/computations", RUN)],
                FAKE: [POST],
                FAULTY: [POST],
                MOTO: [http("PUT", "/bench/object", item, Authorization=S3_AUTHORIZATION)],
            },
            targets={BARE: 1.0, MOTO: 4.0},
            for_peers=[POST],
        ),
        Operation(
            "POST of a data asset",
            {
                BARE: [_json("POST", "/api/v1/data_assets", NEW_ASSET)],
                FAKE: [_json("POST", "/api/v1/data_assets", NEW_ASSET, Authorization=AUTHORIZATION)],
            },
            targets={BARE: 0.6},
        ),
        Operation(
            "PUT of a data asset",
            {
                BARE: [_json("PUT", ASSET_PATH, change) for change in CHANGES],
                FAKE: [_json("PUT", ASSET_PATH, change, Authorization=AUTHORIZATION) for change in CHANGES],
            },
            targets={BARE: 0.6},
        ),
    )
