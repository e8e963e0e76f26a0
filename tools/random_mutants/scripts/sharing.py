"""Who may do what: every role that an object can be shared with, and every operation that asks for one."""

from itertools import product
from typing import Any

from tests import ids
from tools.replay.recorder import Recorder

OBJECTS = (("capsules", ids.FASTQC), ("pipelines", ids.RNA_PIPELINE), ("data_assets", ids.MOUSE))
VIEWER, READER, ADMIN, OWNER = "cop_demo_viewer", "cop_demo_readonly", "cop_demo_admin", "cop_demo_user"
ROLES = ("discoverable", "viewer", "editor", "owner")
NOBODY: dict[str, Any] = {"users": [], "groups": [], "everyone": "none"}


def record(to: Recorder) -> None:
    """All of them."""
    for kind, key in OBJECTS:
        for share in _shares():
            to.section = f"{kind} shared so: {share}"
            to.api(f"POST /{kind}/{key}/permissions", NOBODY | share)
            to.api(f"GET /{kind}/{key}/permissions")
            for token in (VIEWER, ADMIN):
                _try(to, kind, key, token)
        to.section = f"{kind} shared with nobody"
        to.api(f"POST /{kind}/{key}/permissions", NOBODY)
        _try(to, kind, key, VIEWER)


def _shares() -> list[dict[str, Any]]:
    user = {"email": "demo-viewer@example.com"}
    return [
        *({"users": [user | {"role": role}]} for role in ROLES),
        *({"groups": [{"group": "demo-lab", "role": role}]} for role in ROLES),
        *({"everyone": role} for role in ("discoverable", "viewer")),
        {"users": [user | {"role": "viewer"}], "groups": [{"group": "demo-lab", "role": "editor"}]},
        {"users": [user | {"role": "viewer"}], "share_assets": True},
    ]


def _try(to: Recorder, kind: str, key: str, token: str) -> None:
    where = f"/{kind}/{key}"
    for part in ("", "/permissions"):
        to.api(f"GET {where}{part}", token=token)
    to.api(f"POST /{kind}/search", {"limit": 100}, token=token)
    for ownership in ("private", "created", "shared"):
        to.api(f"POST /{kind}/search", {"ownership": ownership, "limit": 100}, token=token)
    if kind == "data_assets":
        to.api(f"POST {where}/files", {"path": ""}, token=token)
        to.api(f"GET {where}/files/urls?path=reads.fastq", token=token)
        to.api(f"PUT {where}", {"description": f"by {token}"}, token=token)
        to.api("POST /computations", {"capsule_id": ids.CAPSULE, "data_assets": [{"id": key}]}, token=token)
    else:
        for part in ("/computations", "/app_panel"):
            to.api(f"GET {where}{part}", token=token)
        to.api(f"POST {where}/data_assets", [{"id": ids.REFERENCE, "mount": "shared"}], token=token)
        to.api(f"DELETE {where}/data_assets", [ids.REFERENCE], token=token)
        run = to.api("POST /computations", {f"{kind[:-1]}_id": key}, token=token).text("id")
        for reader, part in product((token, OWNER), ("", "/permissions")):
            to.api(f"GET /computations/{run}{part}", token=reader)
        to.api(f"PATCH /computations/{run}?name=mine", token=VIEWER)
        to.api(f"DELETE /computations/{run}", token=token)
    to.api(f"PATCH {where}/archive?archive=true", token=VIEWER)
    to.api(f"PATCH {where}/archive?archive=false", token=OWNER)
