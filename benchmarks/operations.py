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

GET = http("GET", ITEM_PATH, Authorization=authorization(USER))
POST = http("POST", "/api/v1/computations", RUN, Content_Type="application/json", Authorization=authorization(USER))


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
                BARE: [http("POST", "/api/v1/computations", RUN, Content_Type="application/json")],
                FAKE: [POST],
                FAULTY: [POST],
                MOTO: [http("PUT", "/bench/object", item, Authorization=S3_AUTHORIZATION)],
            },
            targets={BARE: 1.0, MOTO: 4.0},
            for_peers=[POST],
        ),
    )
